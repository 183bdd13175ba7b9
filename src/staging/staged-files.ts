import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isFolder, makeFolder, syncFolder } from '../durable.ts';
import { refusedByFileSystem } from '../errors.ts';
import { makeMissingFolders, removingFolder, replace, takeName, type Undo } from './replace.ts';
import { makeStagingFolder, type StagingFolder, writeSynced } from './staging-folder.ts';

export interface NamedBytes {
  /** Relative to the folder; may itself name folders. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface StageOptions {
  /** Where the files will be; made when they are given their names, if it does not exist. */
  readonly folder: string;
  /** Ends the staging between two files, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

interface StagedFile {
  readonly name: string;
  readonly path: string;
  /** Where it is until it has its name. */
  readonly staged: string;
  /** Where what it replaces goes. */
  readonly backup: string;
}

/**
 * Files that are on disk, none of which has its name: they get all their names at once, or none. They lie in folders of their
 * own beside those names, which are deleted in the end; where the process is killed, whoever stages there next deletes them.
 */
export class StagedFiles {
  readonly #files: readonly StagedFile[];
  readonly #folders: ReadonlyMap<string, StagingFolder>;
  /** Takes back what has been made for staging alone. */
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

  /** @throws UserError `file` if the file system refuses; nothing is left then */
  static async write(files: readonly NamedBytes[], { folder, signal }: StageOptions): Promise<StagedFiles> {
    const [planned, folders, undos]: [StagedFile[], Map<string, StagingFolder>, Undo[]] = [[], new Map(), []];
    const staged = new StagedFiles(planned, folders, undos);
    try {
      for (const made of await makeFolder(folder)) undos.push(removingFolder(made));
      for (const { name, bytes } of files) {
        signal?.throwIfAborted();
        const path = join(folder, name);
        // Beside its name: the folder may be on another disk than the one above it.
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

  /** The bytes of a file, from disk. */
  async read(name: string): Promise<Uint8Array> {
    const { staged, path } = this.#files.find((file) => file.name === name)!;
    return readFile(staged).catch((error) => {
      throw refusedByFileSystem(`read ${path} back`, error);
    });
  }

  /**
   * Gives all files their names; where one cannot get it, none does, and what was there before is there again.
   *
   * @param overwrite whether a file may take the name of another
   * @throws UserError `file` if a name is taken that may not be replaced, or the file system refuses
   */
  async commit({ overwrite }: { readonly overwrite: boolean }): Promise<void> {
    const undos: Undo[] = [];
    try {
      // Always in the same order, so that of two processes that want the same names one gets all.
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

  /** Deletes what has not got its name, and the folders that were made for it. What cannot be deleted is left to the next. */
  async discard(): Promise<void> {
    await Promise.all([...this.#folders.values()].map((folder) => folder.remove().catch(() => undefined)));
    for (const undo of this.#undos.toReversed()) undo();
    this.#undos.length = 0;
  }
}
