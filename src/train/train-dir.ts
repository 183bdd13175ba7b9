import { rmdir, stat } from 'node:fs/promises';
import { makeFolder } from '../durable.ts';
import { UserError } from '../errors.ts';
import { type FolderLock, lockFolder } from '../lock/index.ts';

const LOCK_FILE = '.train.lock';

/** The folder of a run, which no other run may write as long as this one has it. */
export interface TrainDir {
  readonly lock: FolderLock;
  /** Gives it free, and removes what was made for it if nothing was written. */
  release(): Promise<void>;
}

/**
 * Makes train_dir where it is missing and locks it.
 *
 * @throws UserError `file` if it is a file, if another run has it, or if the file system refuses
 */
export async function claimTrainDir(path: string): Promise<TrainDir> {
  await refuseFile(path);
  const made = await makeFolder(path);
  const removeMade = async () => {
    for (const folder of made.toReversed()) await rmdir(folder).catch(() => undefined);
  };
  try {
    const lock = await lockFolder(path, LOCK_FILE);
    return {
      lock,
      async release() {
        lock.release();
        await removeMade();
      },
    };
  } catch (error) {
    await removeMade();
    throw error;
  }
}

async function refuseFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found || found.isDirectory()) return;
  throw new UserError('file', `train_dir ${path} is a file, expected a folder`, 'Give another --train_dir.');
}
