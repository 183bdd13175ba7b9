import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, normalize, sep } from 'node:path';
import { UserError } from '../errors.ts';
import { StagedFiles } from '../staging/index.ts';
import type { ExportedFile, ExportFormat } from './format.ts';

export interface WriteOptions {
  /** Made if it does not exist. */
  readonly folder: string;
  /** Replace files that exist; otherwise the first that does is an error. */
  readonly overwrite: boolean;
  /** Looks at what is on disk before any file gets its name; none does if it throws. */
  readonly verify?: (readBack: ReadBack) => Promise<void>;
  /** Until the files get their names, it ends the writing with its reason, and nothing is left. */
  readonly signal?: AbortSignal | undefined;
}

/** The files of these names, from disk. */
export type ReadBack = (names: readonly string[]) => Promise<ExportedFile[]>;

export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Writes all files whole or, where that fails, leaves everything as it was.
 *
 * @throws UserError `file` if one exists and may not be replaced, or the file system refuses
 */
export async function writeExport(
  files: readonly ExportedFile[],
  { folder, overwrite, verify, signal }: WriteOptions,
): Promise<WrittenFile[]> {
  const staged = await StagedFiles.write(files, { folder, signal });
  try {
    await verify?.((names) =>
      Promise.all(names.map(async (name) => ({ name, bytes: await staged.read(name) }))),
    );
    signal?.throwIfAborted();
    await staged.commit({ overwrite });
  } finally {
    await staged.discard();
  }
  return files.map(({ name, bytes }) => ({ path: join(folder, name), bytes: bytes.length }));
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
    'Give a --filename that ends in .pb.',
  );
}
