import { createHash } from 'node:crypto';
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../durable.ts';
import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { redacted, redactedAddress } from '../redacted.ts';
import { RegularFile } from '../regular-file.ts';
import { unpack } from './archive.ts';
import { locateBatchFiles, type Split } from './batch-files.ts';
import { type DownloadOptions, download, MAX_BYTES } from './download.ts';
import { exclusively, type WaitOptions } from './exclusive.ts';
import { WAYS_OUT } from './request.ts';

/** The address at which the University of Toronto publishes CIFAR-10's binary version, and the MD5 that it publishes with it. */
export const CIFAR10_URL = 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz';
export const CIFAR10_MD5 = 'c32a1d4ab5d03f1284b67883e8d87530';

const ARCHIVE = 'cifar-10-binary.tar.gz';
const LOCK = '.download.lock';

export interface ObtainOptions extends DownloadOptions, WaitOptions {
  /** Address of a mirror: of the archive or, with a slash at its end, of the archive's folder. Default: CIFAR10_URL. */
  readonly url?: string | undefined;
  /** MD5 of the archive in hexadecimal. Default: CIFAR10_MD5. */
  readonly md5?: string | undefined;
}

/**
 * Makes sure that the batch files of a split exist. Never replaces existing files. If some are missing, unpacks them from
 * `cifar-10-binary.tar.gz` in `dataDir`; if the archive is missing, too, downloads it to `cifar-10-binary.tar.gz.part` first. Waits if
 * another process is doing so already.
 *
 * @returns the folder of the files: `dataDir` itself or the `cifar-10-batches-bin` in it
 * @throws UserError `network` if the download fails, `dataset` if the archive is not CIFAR-10's, `argument` on a bad address
 */
export async function obtainBatchFiles(
  dataDir: string,
  split: Split,
  options: ObtainOptions = {},
): Promise<string> {
  const { folder, missing } = await locateBatchFiles(dataDir, split);
  if (missing.length === 0) return folder;
  await makeFolder(dataDir);
  return exclusively(dataDir, LOCK, options, () => obtainMissing(dataDir, split, options));
}

async function obtainMissing(dataDir: string, split: Split, options: ObtainOptions): Promise<string> {
  const { folder, missing, looked } = await locateBatchFiles(dataDir, split);
  if (missing.length === 0) return folder;
  const { url = CIFAR10_URL, md5 = CIFAR10_MD5 } = options;
  const archive = join(dataDir, ARCHIVE);
  const part = `${archive}.part`;
  if (await exists(archive)) {
    await checkMd5(archive, md5, options);
    await unpack(archive, folder, options);
    return folder;
  }
  try {
    await downloadArchive(archiveUrl(url), part, md5, options);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const where = `${missing.join(', ')} not found in ${looked.join(' nor ')}`;
    throw new UserError(error.code, `${where}; ${error.message}`, error.hint, { cause: error });
  }
  await unpack(part, folder, options);
  await rm(part, { force: true });
  return folder;
}

async function downloadArchive(
  url: string,
  part: string,
  md5: string,
  options: DownloadOptions,
): Promise<void> {
  const resumed = await exists(part);
  if (resumed && (await md5Of(part, options)) === md5) return;
  await download(url, part, options);
  if (resumed && (await md5Of(part, options)) !== md5) {
    // The part that was there before may be of another version or from another address: download once more, from the start.
    await rm(part);
    await download(url, part, options);
  }
  const actual = await md5Of(part, options);
  if (actual === md5) return;
  await rm(part);
  throw new UserError('network', `${redacted(url)} has MD5 ${actual}; expected ${md5}`, WAYS_OUT);
}

async function checkMd5(archive: string, expected: string, options: DownloadOptions): Promise<void> {
  const actual = await md5Of(archive, options);
  if (actual === expected) return;
  throw new UserError(
    'dataset',
    `${archive} has ${actual === undefined ? 'too many bytes to be CIFAR-10' : `MD5 ${actual}; expected ${expected}`}`,
    'Move the file away, so that it is downloaded again.',
  );
}

function archiveUrl(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new UserError(
      'argument',
      `${printable(redactedAddress(address))} is no address of a mirror; expected https://... or http://...`,
    );
  }
  return url.pathname.endsWith('/') ? new URL(ARCHIVE, url).href : url.href;
}

/** The MD5 of a file. @returns undefined, without reading the file, if it is larger than `maxBytes` */
async function md5Of(path: string, { maxBytes = MAX_BYTES }: DownloadOptions): Promise<string | undefined> {
  const hash = createHash('md5');
  const file = await RegularFile.open(path);
  try {
    if (file.size > maxBytes) return undefined;
    for await (const chunk of file.chunks()) hash.update(chunk);
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
