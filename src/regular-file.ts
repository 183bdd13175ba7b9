import { type BigIntStats, constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { systemReason, UserError } from './errors.ts';
import { printable } from './printable.ts';

/** The largest size of a protocol buffer. All supported versions of Node can allocate a buffer of this size. */
export const MAX_FILE_BYTES = 2 ** 31 - 1;
/** Bytes per chunk of a file that is read in chunks, and the least growth of the buffer for a file of unknown length. */
const CHUNK_BYTES = 2 ** 20;
/** The most bytes per read: the operating system counts them in an int. */
const MAX_READ_BYTES = 2 ** 30;
const SHOWN_PATH_LENGTH = 300;

/** Descriptions that are clearer than the operating system's. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ERR_INVALID_ARG_VALUE: 'no file can have this name',
  EAGAIN: 'it is not a file of known length',
};

/** A path that cannot be read, or is not a regular file. */
export class UnreadableFile extends UserError {
  /** The reason, as a clause for other messages: `there is no such file`. */
  readonly reason: string;
  readonly isMissing: boolean;

  constructor(path: string, reason: string, cause?: unknown) {
    super(
      'file',
      `cannot read ${printable(path, SHOWN_PATH_LENGTH)}: ${reason}`,
      'Name a file that exists and that you may read.',
      { cause },
    );
    this.reason = reason;
    this.isMissing = ['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException | undefined)?.code ?? '');
  }
}

/** A regular file that is open for reading. */
export class RegularFile {
  readonly path: string;
  /** Its metadata when it was opened. */
  readonly stats: BigIntStats;
  readonly #handle: FileHandle;

  private constructor(path: string, stats: BigIntStats, handle: FileHandle) {
    this.path = path;
    this.stats = stats;
    this.#handle = handle;
  }

  /** Its size in bytes when it was opened. */
  get size(): number {
    return Number(this.stats.size);
  }

  /**
   * Opens a regular file. Refuses pipes, devices, sockets and folders before opening them, since opening a pipe waits for its writer
   * and a device may never end.
   *
   * @throws UnreadableFile if the path is not a regular file, or the file system refuses
   */
  static async open(path: string): Promise<RegularFile> {
    const handle = await explaining(path, async () => {
      refuseOthers(path, await stat(path));
      // The path may have been replaced since `stat`. O_NONBLOCK avoids waiting for a pipe, and the file is checked again below. Windows
      // does not have this flag.
      return open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    });
    try {
      const found = await explaining(path, () => handle.stat({ bigint: true }));
      refuseOthers(path, found);
      return new RegularFile(path, found, handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * Fills `into` with the bytes from `position` on.
   *
   * @returns number of bytes read; less than the length of `into` only if the file ends before
   * @throws UnreadableFile
   */
  async read(into: Uint8Array, position: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const length = Math.min(into.length - done, MAX_READ_BYTES);
      const { bytesRead } = await explaining(this.path, () =>
        this.#handle.read(into, done, length, position + done),
      );
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  /**
   * Reads the whole file from its beginning.
   *
   * @param maxBytes the most bytes to read; it also limits files that grow meanwhile or do not report their length
   * @throws UnreadableFile if the file is longer, or the file system refuses
   */
  async readAll(maxBytes = MAX_FILE_BYTES): Promise<Buffer> {
    if (this.size > maxBytes) throw tooLong(this.path, `${this.size}`, maxBytes);
    // One byte more than expected, so that the end of the file shows.
    let bytes = Buffer.allocUnsafeSlow(this.size + 1);
    for (let length = 0; ; ) {
      length += await this.read(bytes.subarray(length), length);
      if (length > maxBytes) throw tooLong(this.path, `more than ${maxBytes}`, maxBytes);
      if (length < bytes.length) return bytes.subarray(0, length);
      const more = Buffer.allocUnsafeSlow(Math.min(maxBytes + 1, Math.max(2 * length, CHUNK_BYTES)));
      bytes.copy(more);
      bytes = more;
    }
  }

  /** Yields the file in chunks, up to the size that it had when it was opened. @throws UnreadableFile */
  async *chunks(): AsyncGenerator<Uint8Array> {
    for (let position = 0; position < this.size; ) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, this.size - position));
      const length = await this.read(chunk, position);
      if (length === 0) return;
      yield chunk.subarray(0, length);
      position += length;
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** Reads a whole file, as {@link RegularFile.readAll} does. @throws UnreadableFile also if it is not a regular file */
export async function readRegularFile(path: string, maxBytes = MAX_FILE_BYTES): Promise<Buffer> {
  const file = await RegularFile.open(path);
  try {
    return await file.readAll(maxBytes);
  } finally {
    await file.close();
  }
}

/** Reads a text file, as {@link readRegularFile} does. @returns undefined if it does not exist */
export async function readTextIfThere(path: string, maxBytes: number): Promise<string | undefined> {
  try {
    return (await readRegularFile(path, maxBytes)).toString();
  } catch (error) {
    if (error instanceof UnreadableFile && error.isMissing) return undefined;
    throw error;
  }
}

function tooLong(path: string, size: string, maxBytes: number): UnreadableFile {
  return new UnreadableFile(path, `it has ${size} bytes, expected at most ${maxBytes}`);
}

function refuseOthers(path: string, found: Stats | BigIntStats): void {
  if (found.isFile()) return;
  if (found.isDirectory()) throw new UnreadableFile(path, 'it is a folder, expected a file');
  const kind = found.isFIFO() ? 'a named pipe' : found.isSocket() ? 'a socket' : 'a device';
  throw new UnreadableFile(path, `it is ${kind}, expected a regular file`);
}

async function explaining<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? systemReason(error);
    throw reason === undefined ? error : new UnreadableFile(path, reason, error);
  }
}
