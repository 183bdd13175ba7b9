import { access, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, normalize, sep } from 'node:path';
import { makeFolder, writeFileDurably } from '../durable.ts';
import { UserError } from '../errors.ts';
import type { ExportedFile, ExportFormat } from './format.ts';

export interface WriteOptions {
  /** Made if it does not exist. */
  readonly folder: string;
  /** Replace files that exist; otherwise the first that does is an error before anything is written. */
  readonly overwrite: boolean;
}

export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Writes each file whole or not at all, and none if one cannot be written that may not replace another.
 *
 * @throws UserError `file` if one exists and may not be replaced
 */
export async function writeExport(
  files: readonly ExportedFile[],
  { folder, overwrite }: WriteOptions,
): Promise<WrittenFile[]> {
  const targets = files.map(({ name, bytes }) => ({ path: join(folder, name), bytes }));
  if (!overwrite) for (const { path } of targets) await refuseExisting(path);
  const written: string[] = [];
  try {
    for (const { path, bytes } of targets) {
      await makeFolder(dirname(path));
      await writeFileDurably(path, bytes);
      written.push(path);
    }
  } catch (error) {
    // Part of an export is of no use, and would be in the way of the next attempt.
    if (!overwrite) await Promise.all(written.map((path) => rm(path)));
    throw error;
  }
  return targets.map(({ path, bytes }) => ({ path, bytes: bytes.length }));
}

/** Deletes what an earlier export of a format has left beside the files that have replaced it. */
export async function removeLeftParts(
  [main, ...others]: readonly WrittenFile[],
  { parts }: ExportFormat,
): Promise<void> {
  if (!parts || !main) return;
  const folder = dirname(main.path);
  const written = new Set(others.map(({ path }) => basename(path)));
  const left = (await readdir(folder)).filter((name) => parts.test(name) && !written.has(name));
  await Promise.all(left.map((name) => rm(join(folder, name))));
}

/** @throws UserError `argument` if two of the files are one, or one is a folder that another is in */
export function refuseClashes(files: readonly ExportedFile[]): void {
  const paths = files.map(({ name }) => normalize(name));
  const clash = paths.find((path, index) =>
    paths.some((other, i) => i !== index && (other === path || other.startsWith(path + sep))),
  );
  if (clash === undefined) return;
  throw new UserError(
    'argument',
    `two of the files to write would be ${clash}`,
    'give a --filename that ends in .pb',
  );
}

/** @throws UserError `file` if there is something at `path` */
export async function refuseExisting(path: string): Promise<void> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists)
    throw new UserError(
      'file',
      `${path} exists already`,
      'give --overwrite to replace it, or choose another name',
    );
}
