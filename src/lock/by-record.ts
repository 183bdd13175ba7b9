import { linkSync, readdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasNoLinks } from '../errors.ts';
import type { FolderLock, LockAttempt } from './lock.ts';
import { formatRecord, type LockRecord, newRecord, ownerState, readRecord } from './record.ts';

/**
 * Locks a file by the record of its owner, where the kernel cannot lock. The lock of a dead owner passes to the process that first
 * makes the file `PATH.ID`, where ID is that of the dead owner's record. If that process is dead, too, the same rule applies to its
 * file, and so on. The last file is then renamed to PATH.
 */
export async function tryLockByRecord(path: string): Promise<LockAttempt> {
  const record = await newRecord(false);
  for (;;) {
    const dead: LockRecord[] = [];
    let file = path;
    while (!writeNew(file, record)) {
      const found = readRecord(file);
      if ((await ownerState(found)) !== 'dead') return { holder: found };
      dead.push(found!);
      file = `${path}.${found!.id}`;
    }
    const files = [path, ...dead.map(({ id }) => `${path}.${id}`)];
    // Another process may have taken over the lock and renamed its file meanwhile.
    const isLast = dead.every(({ id }, at) => readRecord(files[at]!)?.id === id);
    if (isLast) {
      if (file !== path) renameSync(file, path);
      for (const old of [...files.slice(1), ...unfinishedFiles(path)]) rmSync(old, { force: true });
      return { lock: held(path, record) };
    }
    unlinkSync(file);
  }
}

/** Makes the lock file together with its content, in one step. @returns false if the file exists */
function writeNew(path: string, record: LockRecord): boolean {
  const unfinished = `${path}.${record.id}${UNFINISHED}`;
  for (;;) {
    writeFileSync(unfinished, formatRecord(record));
    try {
      linkSync(unfinished, path);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return false;
      // The process that has just taken the lock deletes unfinished files, and may have deleted this one.
      if (code === 'ENOENT') continue;
      if (!hasNoLinks(error)) throw error;
      return writeExclusively(path, record);
    } finally {
      rmSync(unfinished, { force: true });
    }
  }
}

const UNFINISHED = '.tmp';

/** Files left by processes that were killed while they wrote their record. */
function unfinishedFiles(path: string): string[] {
  const names = readdirSync(dirname(path));
  return names
    .filter((name) => name.startsWith(`${basename(path)}.`) && name.endsWith(UNFINISHED))
    .map((name) => join(dirname(path), name));
}

function writeExclusively(path: string, record: LockRecord): boolean {
  try {
    writeFileSync(path, formatRecord(record), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function held(path: string, { id }: LockRecord): FolderLock {
  const isHeld = () => readRecord(path)?.id === id;
  return {
    path,
    isWeak: true,
    isHeld,
    release() {
      if (isHeld()) unlinkSync(path);
    },
  };
}
