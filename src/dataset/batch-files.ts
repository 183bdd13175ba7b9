import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { RegularFile } from '../regular-file.ts';
import { StagedFiles } from '../staging/index.ts';
import { CIFAR10_FORMAT } from './cifar10-format.ts';
import { recordBytes } from './record-format.ts';
import { checkRecords, Records } from './records.ts';

export type Split = 'train' | 'test';

/** The folder in CIFAR-10's archive that contains the batch files. */
export const BATCH_FOLDER = 'cifar-10-batches-bin';

/** The files of each split, in the order of their records. */
export const BATCH_FILES: Readonly<Record<Split, readonly string[]>> = {
  train: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`),
  test: ['test_batch.bin'],
};

const RECORDS_PER_FILE = 10_000;
const RECORD_BYTES = recordBytes(CIFAR10_FORMAT);
export const BATCH_FILE_BYTES = RECORDS_PER_FILE * RECORD_BYTES;

export interface BatchLocation {
  /** The folder of the files, or the folder where they belong if there are none yet. */
  readonly folder: string;
  /** Names of missing files. */
  readonly missing: readonly string[];
  /** All folders that were searched. */
  readonly looked: readonly string[];
}

/**
 * Looks for a split's files in `dataDir` and in the `cifar-10-batches-bin` in it. Chooses the folder with more of them or, if neither
 * has any, the folder with more files of the other split. Changes nothing.
 */
export async function locateBatchFiles(dataDir: string, split: Split): Promise<BatchLocation> {
  const below = join(dataDir, BATCH_FOLDER);
  const looked = basename(resolve(dataDir)) === BATCH_FOLDER ? [dataDir, below] : [below, dataDir];
  const absent = await Promise.all(
    looked.map(async (folder) => {
      const present = new Set(await listFolder(folder));
      const missingOf = (names: readonly string[]) => names.filter((name) => !present.has(name));
      return {
        folder,
        missing: missingOf(BATCH_FILES[split]),
        all: missingOf(Object.values(BATCH_FILES).flat()),
      };
    }),
  );
  absent.sort((a, b) => a.missing.length - b.missing.length || a.all.length - b.all.length);
  const { folder, missing } = absent[0]!;
  return { folder, missing, looked };
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Reads the records of several files into one buffer of shared memory, in the order of the files. A file may have fewer than the
 * official 10,000 records.
 *
 * @throws UserError `dataset`, naming file, record and byte, if a file is empty, longer than 10,000 records, not a whole number of
 *   records, or has a label above 9; `file` if a file cannot be read
 */
export async function readBatchFiles(folder: string, names: readonly string[]): Promise<Records> {
  const files: RegularFile[] = [];
  try {
    for (const name of names) files.push(await RegularFile.open(join(folder, name)));
    const sizes = files.map(batchFileSize);
    const bytes = new Uint8Array(new SharedArrayBuffer(sizes.reduce((sum, size) => sum + size, 0)));
    let start = 0;
    for (const [i, file] of files.entries()) {
      const part = bytes.subarray(start, start + sizes[i]!);
      await readFully(file, part);
      checkRecords(part, file.path);
      start += part.length;
    }
    return new Records(bytes, folder);
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}

function batchFileSize({ path, size }: RegularFile): number {
  if (size > 0 && size <= BATCH_FILE_BYTES) return size;
  throw new UserError(
    'dataset',
    `${path} has ${size} bytes; expected 1 to ${RECORDS_PER_FILE} records of ${RECORD_BYTES} bytes, at most ${BATCH_FILE_BYTES}`,
    'Move it away, so that it is downloaded again.',
  );
}

async function readFully(file: RegularFile, into: Uint8Array): Promise<void> {
  if ((await file.read(into, 0)) === into.length) return;
  throw new UserError('dataset', `${file.path} became shorter while it was read`);
}

/**
 * Writes both splits as batch files, which any reader of CIFAR-10 can read. Spreads the training records evenly over the five files. All
 * files appear at once. Never replaces existing files.
 *
 * @throws UserError `file` if one of the files exists already, `argument` if a split is too small or too large
 */
export async function writeBatchFiles(
  folder: string,
  splits: { readonly train: Records; readonly test: Records },
): Promise<void> {
  const files = [...divide('train', splits.train), ...divide('test', splits.test)];
  const present = new Set(await listFolder(folder));
  const taken = files.find(({ name }) => present.has(name));
  if (taken)
    throw new UserError('file', `${join(folder, taken.name)} exists already`, 'Choose another folder.');
  const staged = await StagedFiles.write(
    files.map(({ name, records }) => ({ name, bytes: records.bytes })),
    { folder },
  );
  try {
    await staged.commit({ overwrite: false });
  } finally {
    await staged.discard();
  }
}

function divide(split: Split, records: Records): { name: string; records: Records }[] {
  const names = BATCH_FILES[split];
  if (records.count < names.length || records.count > names.length * RECORDS_PER_FILE) {
    throw new UserError(
      'argument',
      `the ${split} split has ${records.count} records; expected ${names.length} to ${names.length * RECORDS_PER_FILE}`,
    );
  }
  const start = (file: number) => Math.floor((file * records.count) / names.length);
  return names.map((name, file) => ({ name, records: records.slice(start(file), start(file + 1)) }));
}
