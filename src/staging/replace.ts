import {
  type BigIntStats,
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { hasNoLinks, refusedByFileSystem, UserError } from '../errors.ts';

// Everything here is synchronous, so that no signal is handled while only some files of a set have their names.

/** Undoes one change of a commit. */
export type Undo = () => void;

/** @throws UserError `file` if anything exists at `path`, even a dangling link */
export function refuseExisting(path: string): void {
  if (found(path)) throw existsAlready(path);
}

/** Makes a folder and its missing parents. @param undos receives how to delete them. @throws UserError `file` if the file system refuses */
export function makeMissingFolders(path: string, undos: Undo[]): void {
  if (found(path) || dirname(path) === path) return;
  makeMissingFolders(dirname(path), undos);
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw refusedByFileSystem(`make the folder ${path}`, error);
  }
  undos.push(removingFolder(path));
}

/** Returns an undo that deletes a folder, unless another process has put something into it. */
export function removingFolder(path: string): Undo {
  return () => attempt(() => rmdirSync(path));
}

/**
 * Gives a file its final name, which must be free. If two processes do so at once, one succeeds.
 *
 * @throws UserError `file` if the name is taken, or the file system refuses
 */
export function takeName(staged: string, path: string): Undo {
  try {
    linkOrRename(staged, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw existsAlready(path);
    throw refusedByFileSystem(`write ${path}`, error);
  }
  const own = found(path);
  return () => {
    if (isSame(found(path), own)) attempt(() => unlinkSync(path));
  };
}

/**
 * Gives a file its final name. If another file has that name, it is renamed to `backup`.
 *
 * @throws UserError `file` if something other than a file has the name, or the file system refuses
 */
export function replace(staged: string, path: string, backup: string): Undo {
  const old = found(path);
  if (!old) return takeName(staged, path);
  if (!old.isFile() && !old.isSymbolicLink())
    throw new UserError(
      'file',
      `${path} is a ${old.isDirectory() ? 'folder' : 'device or a pipe'}, expected a file to replace`,
      'Choose another name.',
    );
  let isMoved = false;
  const restore = () => {
    if (isMoved || !isSame(found(path), old)) renameSync(backup, path);
  };
  try {
    try {
      linkSync(path, backup);
    } catch (error) {
      if (!hasNoLinks(error)) throw error;
      renameSync(path, backup);
      isMoved = true;
    }
    renameSync(staged, path);
    return () => attempt(restore);
  } catch (error) {
    attempt(restore);
    throw refusedByFileSystem(`write ${path}`, error);
  }
}

function linkOrRename(staged: string, path: string): void {
  try {
    linkSync(staged, path);
    return;
  } catch (error) {
    if (!hasNoLinks(error)) throw error;
  }
  // Reserves the name by an empty file, then replaces that.
  closeSync(openSync(path, 'wx'));
  try {
    renameSync(staged, path);
  } catch (error) {
    unlinkSync(path);
    throw error;
  }
}

function found(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

function isSame(a: BigIntStats | undefined, b: BigIntStats | undefined): boolean {
  return a?.ino === b?.ino && a?.dev === b?.dev;
}

/** Ignores errors, so that one failed undo does not prevent the others. */
function attempt(change: () => void): void {
  try {
    change();
  } catch {}
}

function existsAlready(path: string): UserError {
  return new UserError(
    'file',
    `${path} exists already`,
    'Give --overwrite to replace it, or choose another name.',
  );
}
