import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../errors.ts';

/** The beginning of the name of every event file. */
export const EVENT_FILE_PREFIX = 'events.out.tfevents';
const EVENT_FILE = new RegExp(`^${EVENT_FILE_PREFIX.replaceAll('.', '\\.')}\\.(\\d{10,})\\.`);

/**
 * Opens a new event file, `events.out.tfevents.<seconds>.<host><suffix>`, in a folder that is made if it is missing.
 * TensorBoard reads the files of a folder in the order of their names, and those of a resumed run must be read last. So the
 * seconds in the name are later than those of every event file that is there.
 *
 * @param seconds since 1970
 * @throws UserError `file` if the folder cannot be made or written
 */
export function openEventFile(folder: string, seconds: number, host: string, suffix: string): EventFile {
  try {
    makeFolder(folder);
    for (;;) {
      const fresh = Math.max(Math.floor(seconds), latestEventFile(folder) + 1);
      const path = join(folder, `${EVENT_FILE_PREFIX}.${String(fresh).padStart(10, '0')}.${host}${suffix}`);
      const descriptor = openNew(path);
      if (descriptor !== undefined) return new EventFile(path, descriptor);
    }
  } catch (error) {
    throw new UserError(
      'file',
      `cannot write event files into ${folder}: ${reason(error)}`,
      'Choose a folder that can be written.',
      { cause: error },
    );
  }
}

/** Makes a folder and its parents. Node's recursive mkdir never ends in folders such as /proc, which answer that the new folder does not exist. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have just made it.
    if (!existsSync(path)) throw error;
  }
}

/** @returns undefined if another process has just made the file */
function openNew(path: string): number | undefined {
  try {
    return openSync(path, 'ax');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}

/** The seconds in the name of the newest event file, -1 if there is none. */
function latestEventFile(folder: string): number {
  const seconds = readdirSync(folder).map((name) => Number(EVENT_FILE.exec(name)?.[1] ?? -1));
  return seconds.reduce((latest, other) => Math.max(latest, other), -1);
}

/** A file to which whole records are appended, unbuffered, so that readers of a live run see them at once. */
export class EventFile {
  readonly path: string;
  #descriptor: number | undefined;
  #size = 0;

  constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  /** Appends all of the record or, if it cannot be written, nothing. @throws UserError `file` */
  append(record: Uint8Array): void {
    const descriptor = this.#open();
    try {
      for (let written = 0; written < record.length; ) written += writeSync(descriptor, record, written);
    } catch (error) {
      this.#cutOff(descriptor);
      throw new UserError(
        'file',
        `cannot write to ${this.path}: ${reason(error)}`,
        'Free some space: all earlier records are complete.',
        { cause: error },
      );
    }
    this.#size += record.length;
  }

  /** Removes an incomplete record from the end. If that fails, too, readers stop at it. */
  #cutOff(descriptor: number): void {
    try {
      ftruncateSync(descriptor, this.#size);
    } catch {
      // The caller reports the error of the write instead.
    }
  }

  /** Whether the file still has its name: it may have been deleted or replaced. */
  isInPlace(): boolean {
    const named = statSync(this.path, { bigint: true, throwIfNoEntry: false });
    const opened = fstatSync(this.#open(), { bigint: true });
    return named?.ino === opened.ino && named.dev === opened.dev;
  }

  /** Waits until all records are on the disk and survive a power failure. */
  sync(): void {
    fsyncSync(this.#open());
  }

  /** Syncs and closes; nothing happens the second time. */
  close(): void {
    if (this.#descriptor === undefined) return;
    this.sync();
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number {
    if (this.#descriptor === undefined) throw new UserError('argument', `${this.path} has been closed`);
    return this.#descriptor;
  }
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST' || code === 'ENOTDIR') return 'it, or a part of its path, is a file';
  return message;
}
