import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { refusedByFileSystem } from '../errors.ts';
import { type FolderLock, tryLockFolder } from '../lock/index.ts';

const PREFIX = '.cifar10-prune-staged-';
const LOCK = '.lock';
const TRIES = 10;

/** A folder for files that are not finished. A lock tells those who clean up whether its owner still runs. */
export interface StagingFolder {
  readonly path: string;
  /** Deletes it, with what is in it. */
  remove(): Promise<void>;
}

/**
 * Makes a staging folder within `dir`, and deletes those that processes have left there which were killed.
 *
 * @throws UserError `file` if the file system refuses
 */
export async function makeStagingFolder(dir: string): Promise<StagingFolder> {
  await removeAbandoned(dir);
  for (let tries = 1; ; tries++) {
    const path = await mkdtemp(join(dir, PREFIX)).catch((error) => {
      throw refusedByFileSystem(`write into ${dir}`, error);
    });
    // Until it is locked, another process may take it for abandoned, and delete it.
    const lock = await lockOf(path).catch((error) => {
      if (tries >= TRIES) throw error;
      return undefined;
    });
    if (lock) return { path, remove: () => remove(path, lock) };
  }
}

/** Writes a file and has the disk hold it. @throws UserError `file` if the file system refuses */
export async function writeSynced(path: string, bytes: Uint8Array, finalPath: string): Promise<void> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw refusedByFileSystem(`write ${finalPath}`, error);
  }
}

async function removeAbandoned(dir: string): Promise<void> {
  const names = await readdir(dir).catch(() => []);
  for (const name of names.filter((name) => name.startsWith(PREFIX))) {
    const path = join(dir, name);
    // Whoever may not delete it need not.
    const lock = await lockOf(path).catch(() => undefined);
    if (lock) await remove(path, lock).catch(() => undefined);
  }
}

async function lockOf(path: string): Promise<FolderLock | undefined> {
  return (await tryLockFolder(path, LOCK)).lock;
}

async function remove(path: string, lock: FolderLock): Promise<void> {
  // The lock goes last: without it a half-empty folder would look abandoned, which it is only if this fails.
  for (const name of await readdir(path)) if (name !== LOCK) await rm(join(path, name), { recursive: true });
  lock.release();
  await rm(path, { recursive: true, force: true });
}
