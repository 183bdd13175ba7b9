import { hostname } from 'node:os';
import { join } from 'node:path';
import { refusedByFileSystem, UserError } from '../errors.ts';
import { tryLockByRecord } from './by-record.ts';
import { tryLockByKernel } from './kernel.ts';
import type { FolderLock, LockAttempt } from './lock.ts';
import { describeHolder } from './record.ts';

/**
 * Takes the lock `name` of a folder if no process has it. The lock ends with this process, even if it is killed.
 *
 * @param dir an existing folder
 * @param name name of the lock file in it, for example `.train.lock`
 * @throws UserError `file` if the file system refuses
 */
export async function tryLockFolder(dir: string, name: string): Promise<LockAttempt> {
  const path = join(dir, name);
  try {
    return (await tryLockByKernel(path)) ?? (await tryLockByRecord(path));
  } catch (error) {
    throw refusedByFileSystem(`lock ${dir}`, error);
  }
}

/** As {@link tryLockFolder}. @throws UserError `file`, naming the process, also if another process has the lock */
export async function lockFolder(dir: string, name: string): Promise<FolderLock> {
  const attempt = await tryLockFolder(dir, name);
  if (attempt.lock) return attempt.lock;
  const { holder } = attempt;
  const since = holder ? `, since ${holder.startedAt}` : '';
  throw new UserError(
    'file',
    `${dir} is in use by ${describeHolder(holder)}${since}`,
    holder?.host === hostname()
      ? 'Wait until that process ends, or choose another folder.'
      : `Wait until that process ends, choose another folder or, if it is dead, delete ${join(dir, name)}.`,
  );
}
