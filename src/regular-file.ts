import { type BigIntStats, constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { systemReason, UserError } from './errors.ts';
import { printable } from './printable.ts';

/** No protocol buffer is larger, and every Node that this runs on can hold as many in one piece. */
export const MAX_FILE_BYTES = 2 ** 31 - 1;
/** What is read at once where a file is not read whole, and where it does not say how long it is. */
const CHUNK_BYTES = 2 ** 20;
/** The operating system reads no more at once than an int can count. */
const MAX_READ_BYTES = 2 ** 30;
const SHOWN_PATH_LENGTH = 300;

/** Where these words are clearer than the operating system's. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ERR_INVALID_ARG_VALUE: 'no file can have this name',
  EAGAIN: 'it is no file of a known length',
};

/** A file that cannot be read, or that is none. */
export class UnreadableFile extends UserError {
  /** A clause for messages of one's own: `there is no such file`. */
  readonly reason: string;
  readonly isMissing: boolean;

  constructor(path: string, reason: string, cause?: unknown) {
    super(
      'file',
      `cannot read ${printable(path, SHOWN_PATH_LENGTH)}: ${reason}`,
      'Name a file that is there and that you may read.',
      { cause },
    );
    this.reason = reason;
    this.isMissing = ['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException | undefined)?.code ?? '');
  }
}

/** A regular file that is open for reading. */
export class RegularFile {
  readonly path: string;
  /** When it was opened. */
  readonly stats: BigIntStats;
  readonly #handle: FileHandle;

  private constructor(path: string, stats: BigIntStats, handle: FileHandle) {
    this.path = path;
    this.stats = stats;
    this.#handle = handle;
  }

  /** Bytes when it was opened. */
  get size(): number {
    return Number(this.stats.size);
  }

  /**
   * Opens a regular file. Pipes, devices, sockets and folders are refused before they are opened, since opening a pipe waits for
   * its writer and devices never end.
   *
   * @throws UnreadableFile if it is none or the file system refuses
   */
  static async open(path: string): Promise<RegularFile> {
    const handle = await explaining(path, async () => {
      refuseOthers(path, await stat(path));
      // What is there now may no longer be what was looked at: this neither waits nor, below, goes on. Windows has no such flag.
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
   * @returns how many there were; fewer than `into` holds only where the file ends
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
   * All bytes, however many have been read before.
   *
   * @param maxBytes the most that is read, also of a file that grows meanwhile or does not say how long it is
   * @throws UnreadableFile if it is longer, or the file system refuses
   */
  async readAll(maxBytes = MAX_FILE_BYTES): Promise<Buffer> {
    if (this.size > maxBytes) throw tooLong(this.path, `${this.size}`, maxBytes);
    // One byte more than is expected, to see that it ends there.
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

  /** The bytes that were there when it was opened, piece by piece. @throws UnreadableFile */
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

/** Reads a regular file whole, as {@link RegularFile.readAll} does. @throws UnreadableFile also if it is none */
export async function readRegularFile(path: string, maxBytes = MAX_FILE_BYTES): Promise<Buffer> {
  const file = await RegularFile.open(path);
  try {
    return await file.readAll(maxBytes);
  } finally {
    await file.close();
  }
}

/** Reads a file of text as {@link readRegularFile} does. @returns undefined if it is not there */
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
