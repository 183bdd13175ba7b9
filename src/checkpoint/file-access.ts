import { type FileHandle, open } from 'node:fs/promises';
import { unreadable } from './damage.ts';

/** How the files of a checkpoint are reached. */
export interface FileAccess {
  /**
   * What `read` returns of the open file, which it must not close.
   *
   * @throws UserError `checkpoint` if the file is not there or cannot be read
   */
  use<T>(path: string, read: (file: FileHandle) => Promise<T>): Promise<T>;
}

/** Opens a file by its name whenever it is read. */
export const BY_NAME: FileAccess = {
  async use(path, read) {
    const file = await open(path).catch((error) => {
      throw unreadable(path, error);
    });
    try {
      return await read(file);
    } finally {
      await file.close();
    }
  },
};

/** More data files than these are not held, for a process may have only so many open. */
const MOST_HELD = 64;

/**
 * Files that are kept open, so that they can be read after their names have been deleted or given to others. On Windows a
 * deleted name stays until the file is closed, and a new file cannot take it before.
 */
export class HeldFiles implements FileAccess {
  readonly #files = new Map<string, FileHandle>();

  /** Opens a file for keeps. @returns whether it is there; false also if it cannot be opened, which `use` then tells */
  async hold(path: string): Promise<boolean> {
    if (this.#files.size >= MOST_HELD || this.#files.has(path)) return true;
    try {
      this.#files.set(path, await open(path));
      return true;
    } catch {
      return false;
    }
  }

  use<T>(path: string, read: (file: FileHandle) => Promise<T>): Promise<T> {
    const file = this.#files.get(path);
    return file ? read(file) : BY_NAME.use(path, read);
  }

  /** The files by their paths, in the order in which they were opened. */
  get files(): ReadonlyMap<string, FileHandle> {
    return this.#files;
  }

  async close(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    await Promise.all(files.map((file) => file.close()));
  }
}

/** The bytes of an open file, wherever it has been read before. @throws UserError `checkpoint` if it cannot be read */
export async function readWhole(path: string, file: FileHandle): Promise<Uint8Array> {
  const { size } = await file.stat();
  return readPart(path, file, 0, size);
}

/** So many bytes from an offset on; fewer where the file ends before. @throws UserError `checkpoint` if it cannot be read */
export async function readPart(
  path: string,
  file: FileHandle,
  offset: number,
  size: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let done = 0;
  while (done < size) {
    const { bytesRead } = await file.read(bytes, done, size - done, offset + done).catch((error) => {
      throw unreadable(path, error);
    });
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}
