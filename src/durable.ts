import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { refusedByFileSystem } from './errors.ts';

/**
 * Writes a file so that `path` never names an incomplete one: writes it beside its final name, syncs it, then renames it. Replaces an
 * existing file.
 *
 * @throws UserError `file` if the file system refuses
 */
export async function writeFileDurably(path: string, bytes: Uint8Array): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    const handle = await open(unfinished, 'w');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw refusedByFileSystem(`write ${path}`, error);
  }
}

/** The path that an unfinished file of `writeFileDurably` was to get; undefined for any other file. */
export function finalPath(unfinished: string): string | undefined {
  return /^(.+)\.\d+\.tmp$/.exec(unfinished)?.[1];
}

/** Syncs a folder: until then, a power failure can undo a rename in it. Some platforms cannot sync folders and need not. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/**
 * Makes a folder and its missing parents.
 *
 * @returns the folders that it made, parents first
 * @throws UserError `file` if the file system refuses
 */
export async function makeFolder(path: string): Promise<string[]> {
  return makeFolders(resolve(path)).catch((error) => {
    throw refusedByFileSystem(`make the folder ${path}`, error);
  });
}

/** Replaces Node's recursive mkdir, which tries forever if mkdir in an existing folder fails with ENOENT, as in /proc. */
async function makeFolders(path: string): Promise<string[]> {
  try {
    await mkdir(path);
    return [path];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await isFolder(path))) return [];
    if (code !== 'ENOENT' || (await isFolder(dirname(path)))) throw error;
    return [...(await makeFolders(dirname(path))), ...(await makeFolders(path))];
  }
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
