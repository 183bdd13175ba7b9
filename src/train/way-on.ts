import { basename } from 'node:path';
import { statePath, UnreadableCheckpoint } from '../checkpoint/index.ts';
import { UserError } from '../errors.ts';

/** The line of the file `checkpoint` from which on a run goes on from this checkpoint. */
export const stateLine = (prefix: string) => `model_checkpoint_path: "${basename(prefix)}"`;

/** What `read` returns; if the checkpoint cannot be read, the error's hint says how the run goes on with its own settings. */
export async function hintingAtWayOn<T>(trainDir: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UnreadableCheckpoint)) throw error;
    const { code, message, instead } = error;
    const hint = instead
      ? `To continue the run from ${instead}, write the line ${stateLine(instead)} into ${statePath(trainDir)}, in place of what it holds.`
      : 'Start anew with --overwrite, or give another --train_dir.';
    throw new UserError(code, message, hint, { cause: error });
  }
}
