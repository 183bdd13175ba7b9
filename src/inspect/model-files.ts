import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FolderSize, ModelFile } from './model.ts';

export async function modelFile(path: string): Promise<ModelFile> {
  return { path, bytes: (await stat(path)).size };
}

/** All files below a folder, in the order of their paths, except those that a running training deletes meanwhile. */
export async function filesBelow(folder: string): Promise<ModelFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const files = await Promise.all(
    paths.toSorted().map((path) =>
      modelFile(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return undefined;
      }),
    ),
  );
  return files.filter((file) => file !== undefined);
}

/** Number and bytes of all files below a folder. @returns undefined if the path is not a folder */
export async function folderSize(path: string): Promise<FolderSize | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return undefined;
  const files = await filesBelow(path);
  return { path, files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}
