import { linkSync, readdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasNoLinks } from '../errors.ts';
import type { FolderLock, LockAttempt } from './lock.ts';
import { formatRecord, type LockRecord, newRecord, ownerState, readRecord } from './record.ts';

/**
 * Locks a file by what it says of its owner, where the kernel does not lock. The lock of a dead owner is taken over: its
 * successor is who first makes the file `PATH.ID`, ID being that of the dead owner's record, and so on from successor to
 * successor. The last one then takes the place of the first.
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
    // Another one may have gone all the way meanwhile.
    const isLast = dead.every(({ id }, at) => readRecord(files[at]!)?.id === id);
    if (isLast) {
      if (file !== path) renameSync(file, path);
      for (const old of [...files.slice(1), ...unfinishedFiles(path)]) rmSync(old, { force: true });
      return { lock: held(path, record) };
    }
    unlinkSync(file);
  }
}

/** Makes the file with all of its content at once. @returns false if it is there */
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
      // Who has just got the lock deletes unfinished files.
      if (code === 'ENOENT') continue;
      if (!hasNoLinks(error)) throw error;
      return writeExclusively(path, record);
    } finally {
      rmSync(unfinished, { force: true });
    }
  }
}

const UNFINISHED = '.tmp';

/** Of processes that were killed while they wrote their record. */
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
