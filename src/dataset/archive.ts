import { mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { extract, type ReadEntry } from 'tar';
import { makeFolder } from '../durable.ts';
import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { RegularFile } from '../regular-file.ts';
import { BATCH_FILE_BYTES, BATCH_FILES, BATCH_FOLDER, readBatchFiles } from './batch-files.ts';
import { exclusively, type WaitOptions } from './exclusive.ts';

const STAGING = '.unpacking-';
const LOCK = '.unpacking.lock';
const KNOWN_FILES = [...BATCH_FILES.train, ...BATCH_FILES.test, 'batches.meta.txt'];

/**
 * Unpacks the files that `folder` lacks from `cifar-10-binary.tar.gz`. Checks each file, and writes it completely or not at all. Ignores
 * all other entries, writes nowhere else, and never replaces a file. If several processes do this at once, one works at a time, and
 * first deletes what killed processes have left.
 *
 * @throws UserError `dataset` if the archive cannot be read, is incomplete, has links or paths that lead out of its folder, or has
 *   files that are not records
 */
export async function unpack(archive: string, folder: string, options: WaitOptions = {}): Promise<void> {
  await makeFolder(folder);
  await exclusively(folder, LOCK, options, async () => {
    await removeLeftovers(folder);
    await unpackAlone(archive, folder);
  });
}

async function removeLeftovers(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.startsWith(STAGING));
  for (const name of left) await rm(join(folder, name), { recursive: true, force: true });
}

async function unpackAlone(archive: string, folder: string): Promise<void> {
  const staging = await mkdtemp(join(folder, STAGING));
  try {
    await extractKnownFiles(archive, staging);
    const unpacked = new Set(await readdir(staging));
    const present = new Set(await readdir(folder));
    for (const name of KNOWN_FILES) {
      if (present.has(name)) continue;
      const isBatch = name.endsWith('.bin');
      if (!unpacked.has(name)) {
        if (!isBatch) continue;
        throw new UserError('dataset', `${archive} has no ${BATCH_FOLDER}/${name}`);
      }
      if (isBatch) await readBatchFiles(staging, [name]);
      await synchronize(join(staging, name));
      await rename(join(staging, name), join(folder, name));
    }
    await synchronize(folder);
  } finally {
    // After a failure, tar may still be writing files that it has begun.
    await rm(staging, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  }
}

async function extractKnownFiles(archive: string, into: string): Promise<void> {
  let hazard: string | undefined;
  const filter = (path: string, entry: unknown) => {
    hazard ??= findHazard(path, entry as ReadEntry);
    return hazard === undefined && KNOWN_FILES.some((name) => path === `${BATCH_FOLDER}/${name}`);
  };
  const file = await RegularFile.open(archive);
  try {
    const unpacking = extract({ cwd: into, strip: 1, strict: true, preserveOwner: false, filter });
    // After an error, this stream neither ends nor closes, so pipeline() would wait forever.
    await new Promise<void>((resolve, reject) => {
      unpacking.on('error', reject).on('close', resolve);
      Readable.from(file.chunks()).on('error', reject).pipe(unpacking);
    });
  } catch (error) {
    throw new UserError(
      'dataset',
      `cannot unpack ${archive}: ${printable((error as Error).message, 200)}`,
      undefined,
      {
        cause: error,
      },
    );
  } finally {
    await file.close();
  }
  if (hazard) throw new UserError('dataset', `${archive} is not unpacked: ${hazard}`);
}

/** Why an archive with this entry cannot be trusted; undefined for an entry that CIFAR-10's archive may contain. */
function findHazard(path: string, { type, size }: ReadEntry): string | undefined {
  if (path.startsWith('/') || path.split(/[\\/]/).includes('..'))
    return `the path ${printable(path)} leads out of its folder`;
  if (type !== 'File' && type !== 'OldFile' && type !== 'Directory')
    return `${printable(path)} is a ${type}; expected files and folders`;
  if (size > BATCH_FILE_BYTES)
    return `${printable(path)} has ${size} bytes; expected at most ${BATCH_FILE_BYTES}`;
  return undefined;
}

async function synchronize(path: string): Promise<void> {
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
