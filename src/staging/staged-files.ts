import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isFolder, makeFolder, syncFolder } from '../durable.ts';
import { refusedByFileSystem } from '../errors.ts';
import { makeMissingFolders, removingFolder, replace, takeName, type Undo } from './replace.ts';
import { makeStagingFolder, type StagingFolder, writeSynced } from './staging-folder.ts';

export interface NamedBytes {
  /** Path relative to the folder; may contain subfolders. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface StageOptions {
  /** The folder of the files. It is made if it does not exist. */
  readonly folder: string;
  /** Aborts between two files; `write` then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

interface StagedFile {
  readonly name: string;
  readonly path: string;
  /** Its path until `commit`. */
  readonly staged: string;
  /** The path to which `commit` moves the file that it replaces. */
  readonly backup: string;
}

/**
 * A set of files that get their final names all at once, or not at all. Until then they are on disk in staging folders beside their
 * final places. `discard` deletes these folders; if the process is killed, the next process that stages files there deletes them.
 */
export class StagedFiles {
  readonly #files: readonly StagedFile[];
  readonly #folders: ReadonlyMap<string, StagingFolder>;
  /** Undoes what has been made for staging alone. */
  readonly #undos: Undo[];

  private constructor(
    files: readonly StagedFile[],
    folders: ReadonlyMap<string, StagingFolder>,
    undos: Undo[],
  ) {
    this.#files = files;
    this.#folders = folders;
    this.#undos = undos;
  }

  /** Writes files to staging folders. @throws UserError `file` if the file system refuses; nothing is left behind then */
  static async write(files: readonly NamedBytes[], { folder, signal }: StageOptions): Promise<StagedFiles> {
    const [planned, folders, undos]: [StagedFile[], Map<string, StagingFolder>, Undo[]] = [[], new Map(), []];
    const staged = new StagedFiles(planned, folders, undos);
    try {
      for (const made of await makeFolder(folder)) undos.push(removingFolder(made));
      for (const { name, bytes } of files) {
        signal?.throwIfAborted();
        const path = join(folder, name);
        // Stage beside the final place: a subfolder may be on another disk, to which a file cannot be renamed.
        const near = (await isFolder(dirname(path))) ? dirname(path) : folder;
        const place = folders.get(near) ?? (await makeStagingFolder(near));
        folders.set(near, place);
        const own = join(place.path, String(planned.length));
        planned.push({ name, path, staged: own, backup: `${own}.old` });
        await writeSynced(own, bytes, path);
      }
      return staged;
    } catch (error) {
      await staged.discard();
      throw error;
    }
  }

  /** Reads a staged file back from disk. */
  async read(name: string): Promise<Uint8Array> {
    const { staged, path } = this.#files.find((file) => file.name === name)!;
    return readFile(staged).catch((error) => {
      throw refusedByFileSystem(`read ${path} back`, error);
    });
  }

  /**
   * Gives all files their final names. If one fails, none gets its name, and replaced files are restored.
   *
   * @param overwrite whether files may replace existing ones
   * @throws UserError `file` if a name is taken and `overwrite` is false, or the file system refuses
   */
  async commit({ overwrite }: { readonly overwrite: boolean }): Promise<void> {
    const undos: Undo[] = [];
    try {
      // In a fixed order, so that one of two processes that want the same names gets all of them.
      for (const { path, staged, backup } of this.#files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
        makeMissingFolders(resolve(dirname(path)), undos);
        undos.push(overwrite ? replace(staged, path, backup) : takeName(staged, path));
      }
    } catch (error) {
      for (const undo of undos.toReversed()) undo();
      throw error;
    }
    this.#undos.length = 0;
    await Promise.all([...new Set(this.#files.map(({ path }) => dirname(path)))].map(syncFolder));
  }

  /** Deletes staged files without a final name, and staging folders. What cannot be deleted is left to the next process. */
  async discard(): Promise<void> {
    await Promise.all([...this.#folders.values()].map((folder) => folder.remove().catch(() => undefined)));
    for (const undo of this.#undos.toReversed()) undo();
    this.#undos.length = 0;
  }
}
