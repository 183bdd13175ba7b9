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

// All of this is synchronous, so that no signal is handled while half of a set has its names.

/** What takes back one step of a commit. */
export type Undo = () => void;

/** @throws UserError `file` if there is something at `path`, be it a link that leads nowhere */
export function refuseExisting(path: string): void {
  if (found(path)) throw existsAlready(path);
}

/** Makes the folder and those above it that are missing. @throws UserError `file` if the file system refuses */
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

/** Deletes a folder, unless another process has put something into it. */
export function removingFolder(path: string): Undo {
  return () => attempt(() => rmdirSync(path));
}

/**
 * Gives a file its final name, which must be free: of two processes that do so at once, one succeeds.
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
 * Gives a file its final name in the place of what has it now, of which `backup` becomes the name.
 *
 * @throws UserError `file` if what is there is no file, or the file system refuses
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
  // The name is reserved by an empty file, which is then replaced.
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

/** Undoing goes as far as it can. */
function attempt(step: () => void): void {
  try {
    step();
  } catch {}
}

function existsAlready(path: string): UserError {
  return new UserError(
    'file',
    `${path} exists already`,
    'Give --overwrite to replace it, or choose another name.',
  );
}
