import { basename } from 'node:path';
import { statePath, UnreadableCheckpoint } from '../checkpoint/index.ts';
import { UserError } from '../errors.ts';

/** The line in the file `checkpoint` that makes a run continue from this checkpoint. */
export const stateLine = (prefix: string) => `model_checkpoint_path: "${basename(prefix)}"`;

/** Returns what `read` returns. If the checkpoint cannot be read, the error's hint says how to continue the run from an earlier one. */
export async function hintingAtWayOn<T>(trainDir: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UnreadableCheckpoint)) throw error;
    const { code, message, instead } = error;
    const hint = instead
      ? `Replace the content of ${statePath(trainDir)} by the line ${stateLine(instead)} to continue the run from ${instead}.`
      : 'Start anew with --overwrite, or give another --train_dir.';
    throw new UserError(code, message, hint, { cause: error });
  }
}
