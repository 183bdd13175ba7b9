import { RegularFile } from '../regular-file.ts';
import { readingFile } from './damage.ts';

/** How the files of a checkpoint are reached. */
export interface FileAccess {
  /**
   * What `read` returns of the open file, which it must not close.
   *
   * @throws UserError `checkpoint` if the file is not there or cannot be read
   */
  use<T>(path: string, read: (file: RegularFile) => Promise<T>): Promise<T>;
}

/** Opens a file by its name whenever it is read. */
export const BY_NAME: FileAccess = {
  use: (path, read) =>
    readingFile(path, async () => {
      const file = await RegularFile.open(path);
      try {
        return await read(file);
      } finally {
        await file.close();
      }
    }),
};

/** More data files than these are not held, for a process may have only so many open. */
const MOST_HELD = 64;

/**
 * Files that are kept open, so that they can be read after their names have been deleted or given to others. On Windows a
 * deleted name stays until the file is closed, and a new file cannot take it before.
 */
export class HeldFiles implements FileAccess {
  readonly #files = new Map<string, RegularFile>();

  /** Opens a file for keeps. @returns whether it is there; false also if it cannot be opened, which `use` then tells */
  async hold(path: string): Promise<boolean> {
    if (this.#files.size >= MOST_HELD || this.#files.has(path)) return true;
    try {
      this.#files.set(path, await RegularFile.open(path));
      return true;
    } catch {
      return false;
    }
  }

  use<T>(path: string, read: (file: RegularFile) => Promise<T>): Promise<T> {
    const file = this.#files.get(path);
    return file ? readingFile(path, () => read(file)) : BY_NAME.use(path, read);
  }

  /** The files by their paths, in the order in which they were opened. */
  get files(): ReadonlyMap<string, RegularFile> {
    return this.#files;
  }

  async close(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    await Promise.all(files.map((file) => file.close()));
  }
}
