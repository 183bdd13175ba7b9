import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { refusedByFileSystem } from '../errors.ts';
import { type FolderLock, tryLockFolder } from '../lock/index.ts';

const PREFIX = '.cifar10-prune-staged-';
const LOCK = '.lock';
const TRIES = 10;

/** A folder for unfinished files. Its lock tells other processes, which delete abandoned folders, whether its owner still runs. */
export interface StagingFolder {
  readonly path: string;
  /** Deletes the folder and its content. */
  remove(): Promise<void>;
}

/**
 * Makes a staging folder in `dir`, and deletes those that killed processes have left there.
 *
 * @throws UserError `file` if the file system refuses
 */
export async function makeStagingFolder(dir: string): Promise<StagingFolder> {
  await removeAbandoned(dir);
  for (let tries = 1; ; tries++) {
    const path = await mkdtemp(join(dir, PREFIX)).catch((error) => {
      throw refusedByFileSystem(`write into ${dir}`, error);
    });
    // Until the folder is locked, another process may consider it abandoned and delete it.
    const lock = await lockOf(path).catch((error) => {
      if (tries >= TRIES) throw error;
      return undefined;
    });
    if (lock) return { path, remove: () => remove(path, lock) };
  }
}

/** Writes a file and syncs it to disk. @param finalPath the path that errors name. @throws UserError `file` if the file system refuses */
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
    // Ignore folders that this process may not lock or delete.
    const lock = await lockOf(path).catch(() => undefined);
    if (lock) await remove(path, lock).catch(() => undefined);
  }
}

async function lockOf(path: string): Promise<FolderLock | undefined> {
  return (await tryLockFolder(path, LOCK)).lock;
}

async function remove(path: string, lock: FolderLock): Promise<void> {
  // Delete the lock last: if this fails halfway, the folder is abandoned and the next process deletes it.
  for (const name of await readdir(path)) if (name !== LOCK) await rm(join(path, name), { recursive: true });
  lock.release();
  await rm(path, { recursive: true, force: true });
}
