import { readdir, rm } from 'node:fs/promises';
import { basename, join, win32 } from 'node:path';
import { finalPath } from '../durable.ts';
import { refusedByFileSystem } from '../errors.ts';
import { graphTextPath, indexPath, isFile, statePath, stepOfPrefix } from './files.ts';
import { readState, writeState } from './state.ts';

const CHECKPOINT_FILE = /^(model\.ckpt-\d+)\.(index|meta|data-\d{5}-of-\d{5})$/;

/** Deletes the files of a checkpoint, the index first. Deletes only files with the names that this package gives them. */
export async function removeCheckpoint(dir: string, name: string): Promise<void> {
  const files = (await list(dir)).filter((file) => CHECKPOINT_FILE.exec(file)?.[1] === name);
  const index = basename(indexPath(name));
  if (files.includes(index)) await removeFile(join(dir, index));
  for (const file of files.filter((other) => other !== index)) await removeFile(join(dir, file));
}

/**
 * Deletes what a killed run has left in its folder: unfinished files, and parts of checkpoints that it was writing or deleting. Keeps
 * complete checkpoints and the files of other programs. Call this only with the lock of the folder.
 *
 * @param keptUpTo checkpoints up to this step belong to another program
 * @param others names of other files that the run writes
 * @throws UserError `file` if the file system refuses, `checkpoint` if the file `checkpoint` is damaged
 */
export async function removeLeftovers(
  dir: string,
  {
    keptUpTo = -1,
    others = [],
  }: { readonly keptUpTo?: number | undefined; readonly others?: readonly string[] },
): Promise<void> {
  const files = await list(dir);
  const written = [basename(statePath(dir)), basename(graphTextPath(dir)), ...others];
  for (const file of files) {
    const final = finalPath(file);
    if (final !== undefined && (written.includes(final) || CHECKPOINT_FILE.test(final)))
      await removeFile(join(dir, file));
  }
  const isOwn = (name: string) => (stepOfPrefix(name) ?? keptUpTo) > keptUpTo;
  const state = await readState(dir);
  if (!state) return removeFirstParts(dir, files, isOwn);
  const gone: string[] = [];
  for (const name of state.all.map((path) => win32.basename(path)))
    if (isOwn(name) && !(await isFile(indexPath(join(dir, name))))) gone.push(name);
  if (gone.length === 0) return;
  for (const name of gone) await removeCheckpoint(dir, name);
  const all = state.all.filter((path) => !gone.includes(win32.basename(path)));
  await writeState(dir, state.latest, all);
}

/** Cleans up after a run that was killed during its first save: there is no file `checkpoint` yet. */
async function removeFirstParts(
  dir: string,
  files: readonly string[],
  isOwn: (name: string) => boolean,
): Promise<void> {
  const names = [...new Set(files.flatMap((file) => CHECKPOINT_FILE.exec(file)?.[1] ?? []))].filter(isOwn);
  const whole = names.filter((name) => files.includes(basename(indexPath(name))));
  for (const name of names) if (!whole.includes(name)) await removeCheckpoint(dir, name);
  const latest = whole.toSorted((a, b) => stepOfPrefix(a)! - stepOfPrefix(b)!).at(-1);
  if (latest) await writeState(dir, latest, [latest]);
}

export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch((error) => {
    throw refusedByFileSystem(`delete ${path}`, error);
  });
}

async function list(dir: string): Promise<string[]> {
  return readdir(dir).catch((error) => {
    throw refusedByFileSystem(`list ${dir}`, error);
  });
}
