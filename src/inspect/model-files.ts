import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FolderSize, ModelFile } from './model.ts';

export async function modelFile(path: string): Promise<ModelFile> {
  return { path, bytes: (await stat(path)).size };
}

/** The files of a checkpoint, in the order of their names. */
export async function checkpointFiles(prefix: string): Promise<ModelFile[]> {
  const names = await readdir(dirname(prefix));
  const own = names.filter((name) => name.startsWith(`${basename(prefix)}.`)).toSorted();
  return Promise.all(own.map((name) => modelFile(join(dirname(prefix), name))));
}

/** All files below a folder, in the order of their paths. */
export async function filesBelow(folder: string): Promise<ModelFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return Promise.all(paths.toSorted().map(modelFile));
}

/** @returns undefined for a path that is no folder */
export async function folderSize(path: string): Promise<FolderSize | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return undefined;
  const files = await filesBelow(path);
  return { path, files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}
