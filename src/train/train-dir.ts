import { readdir, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { statePath } from '../checkpoint/index.ts';
import { makeFolder } from '../durable.ts';
import { UserError } from '../errors.ts';
import { type FolderLock, lockFolder } from '../lock/index.ts';
import { stateLine } from './way-on.ts';

const LOCK_FILE = '.train.lock';

/** The folder of a run, locked so that no other run writes into it. */
export class TrainDir {
  readonly path: string;
  #lock: FolderLock;
  readonly #made: readonly string[];

  private constructor(path: string, lock: FolderLock, made: readonly string[]) {
    this.path = path;
    this.#lock = lock;
    this.#made = made;
  }

  /**
   * Makes train_dir if it is missing, and locks it.
   *
   * @throws UserError `argument` if the path is that of a checkpoint; `file` if it is a file, if another run has the folder, or
   *   if the file system refuses
   */
  static async claim(path: string): Promise<TrainDir> {
    await refuseWhatIsNoFolder(path);
    const made = await makeFolder(path);
    try {
      return new TrainDir(path, await lockFolder(path, LOCK_FILE), made);
    } catch (error) {
      await removeEmpty(made);
      throw error;
    }
  }

  /** Whether the lock relies on the content of the lock file, since the file system does not support locks. */
  get isWeaklyLocked(): boolean {
    return this.#lock.isWeak;
  }

  /** False once the folder or its lock file has been deleted or replaced. */
  isHeld(): boolean {
    return this.#lock.isHeld();
  }

  /** Makes and locks the folder again. @throws UserError `file` if another run has it now, or if the file system refuses */
  async claimAgain(): Promise<void> {
    await makeFolder(this.path);
    const lock = await lockFolder(this.path, LOCK_FILE);
    this.#lock.release();
    this.#lock = lock;
  }

  /** Unlocks the folder; removes it if `claim` made it and nothing was written. */
  async release(): Promise<void> {
    this.#lock.release();
    await removeEmpty(this.#made);
  }
}

async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders.toReversed()) await rmdir(folder).catch(() => undefined);
}

async function refuseWhatIsNoFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return;
  if (found)
    throw new UserError(
      'file',
      `train_dir ${path} is a file, expected a folder`,
      'Give another --train_dir.',
    );
  const [dir, name] = [dirname(resolve(path)), basename(resolve(path))];
  const files = await readdir(dir).catch(() => []);
  const isPart = (file: string) =>
    file.startsWith(`${name}.`) && /^(index|meta|data-\d{5}-of-\d{5})$/.test(file.slice(name.length + 1));
  if (!/^model\.ckpt-\d+$/.test(name) && !files.some(isPart)) return;
  throw new UserError(
    'argument',
    `train_dir ${path} names a checkpoint, expected a folder`,
    `Replace the content of ${statePath(dirname(path))} by the line ${stateLine(path)} and give --train_dir=${dirname(path)} to continue the run from it.`,
  );
}
