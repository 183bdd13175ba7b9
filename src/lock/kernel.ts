import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { FolderLock, LockAttempt } from './lock.ts';
import { formatRecord, type LockRecord, newRecord, ownerState, readRecord } from './record.ts';

export interface Native {
  tryLock(descriptor: number, offset: number, length: number): boolean;
}

/** The byte that is locked. It lies beyond the content, since on Windows no other process can read locked bytes. */
const LOCKED_BYTE = 2 ** 30;

/**
 * Has the kernel lock a file. The kernel ends the lock with its owner.
 *
 * @returns undefined if the kernel, the file system or the platform's build of the library does not support locks
 */
export async function tryLockByKernel(path: string, native = loadNative()): Promise<LockAttempt | undefined> {
  if (!native) return undefined;
  const record = await newRecord(true);
  for (;;) {
    const { descriptor, isNew } = openOrMake(path);
    const held = hold(path, descriptor);
    let isKept = false;
    try {
      const isLocked = lock(native, descriptor);
      if (isLocked === undefined) {
        if (isNew) held.release();
        return undefined;
      }
      const found = isLocked ? readRecord(path) : await readFreshRecord(path);
      // The last owner may have deleted the file since it was opened here. Locking a deleted file excludes nobody.
      if (!held.isHeld()) continue;
      if (!isLocked) return { holder: found };
      if (found && !found.kernel && (await ownerState(found)) !== 'dead') return { holder: found };
      write(descriptor, record);
      isKept = true;
      return { lock: held };
    } catch (error) {
      if (isNew) held.release();
      throw error;
    } finally {
      if (!isKept) held.close();
    }
  }
}

function openOrMake(path: string): { descriptor: number; isNew: boolean } {
  for (;;) {
    for (const isNew of [false, true]) {
      try {
        const flags = constants.O_RDWR | (isNew ? constants.O_CREAT | constants.O_EXCL : 0);
        return { descriptor: openSync(path, flags, 0o666), isNew };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== (isNew ? 'EEXIST' : 'ENOENT')) throw error;
        if (!existsSync(dirname(path))) throw error;
      }
    }
  }
}

function loadNative(): Native | undefined {
  try {
    return createRequire(import.meta.url)('fs-native-extensions');
  } catch {
    return undefined;
  }
}

function lock(native: Native, descriptor: number): boolean | undefined {
  try {
    return native.tryLock(descriptor, LOCKED_BYTE, 1);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? false : undefined;
  }
}

/** Reads the lock file, and waits a moment for the record if its owner has only just taken the lock. */
async function readFreshRecord(path: string): Promise<LockRecord | undefined> {
  for (let tries = 0; tries < 10; tries++) {
    const record = readRecord(path);
    if (record) return record;
    await setTimeout(20);
  }
  return undefined;
}

function write(descriptor: number, record: LockRecord): void {
  ftruncateSync(descriptor);
  writeSync(descriptor, formatRecord(record), 0);
}

function hold(path: string, descriptor: number): FolderLock & { close(): void } {
  let isOpen = true;
  const isHeld = () => isOpen && isFileAt(path, descriptor);
  const close = () => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  const release = () => {
    try {
      if (isHeld()) unlinkSync(path);
    } finally {
      close();
    }
  };
  return { path, isWeak: false, isHeld, release, close };
}

/** Whether the path still names the open file. */
function isFileAt(path: string, descriptor: number): boolean {
  const named = statSync(path, { bigint: true, throwIfNoEntry: false });
  const opened = fstatSync(descriptor, { bigint: true });
  return named?.ino === opened.ino && named.dev === opened.dev;
}
