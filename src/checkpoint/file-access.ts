import { RegularFile } from '../regular-file.ts';
import { readingFile } from './damage.ts';

/** How the files of a checkpoint are opened. */
export interface FileAccess {
  /**
   * Calls `read` with an open file, which it must not close, and returns its result.
   *
   * @throws UserError `checkpoint` if the file does not exist or cannot be read
   */
  use<T>(path: string, read: (file: RegularFile) => Promise<T>): Promise<T>;
}

/** Opens a file each time it is read. */
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

/** The most files that are held open, since the number of open files of a process is limited. */
const MOST_HELD = 64;

/**
 * Files that are kept open, so that they can be read after they have been deleted or replaced. On Windows a deleted file keeps its
 * name until it is closed, and no new file can take that name before.
 */
export class HeldFiles implements FileAccess {
  readonly #files = new Map<string, RegularFile>();

  /** Opens a file and keeps it open. @returns false if it cannot be opened; `use` then says why */
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

  /** The open files by path, in the order in which they were opened. */
  get files(): ReadonlyMap<string, RegularFile> {
    return this.#files;
  }

  async close(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    await Promise.all(files.map((file) => file.close()));
  }
}
