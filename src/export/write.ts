import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, normalize, sep } from 'node:path';
import { UserError } from '../errors.ts';
import { StagedFiles } from '../staging/index.ts';
import type { ExportedFile, ExportFormat } from './format.ts';

export interface WriteOptions {
  /** Folder for the files; it is made if it does not exist. */
  readonly folder: string;
  /** Whether to replace existing files; otherwise an existing file is an error. */
  readonly overwrite: boolean;
  /** Checks what is on disk before any file gets its final name; if it throws, no file does. */
  readonly verify?: (readBack: ReadBack) => Promise<void>;
  /** If it aborts before the files have their final names, nothing is written and its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Reads the files of these names back from disk. */
export type ReadBack = (names: readonly string[]) => Promise<ExportedFile[]>;

export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Writes all files or, if that fails, leaves everything as it was.
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

/** Deletes the files of an earlier export that the new one has not replaced, such as further parts. */
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

/** @throws UserError `argument` if two files have the same path, or one's path is the folder of another */
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
