import { type FileHandle, open } from 'node:fs/promises';
import { maskedCrc32c } from '../wire/crc32c.ts';
import type { BundleEntryProto } from '../wire/protos.ts';
import type { Bundle } from './bundle.ts';
import { damaged, unreadable } from './damage.ts';
import { dataPath } from './files.ts';

/**
 * The bytes of one entry, their checksum compared. Nothing is allocated for an entry that its file cannot hold.
 *
 * @throws UserError `checkpoint` if the data file is missing, too short or damaged
 */
export async function readEntryBytes(
  { prefix, shards }: Bundle,
  name: string,
  { shardId, offset, size, crc32c }: BundleEntryProto,
): Promise<Uint8Array> {
  const path = dataPath(prefix, shardId, shards);
  const file = await open(path).catch((error) => {
    throw unreadable(path, error);
  });
  try {
    const available = BigInt((await file.stat()).size);
    if (offset < 0n || size < 0n || offset + size > available)
      throw damaged(path, `it has ${available} bytes, expected ${name} at ${offset} to ${offset + size}`);
    const bytes = await readFully(file, Number(offset), Number(size)).catch((error) => {
      throw unreadable(path, error);
    });
    if (maskedCrc32c(bytes) !== crc32c) throw damaged(path, `the checksum of ${name} does not fit`);
    return bytes;
  } finally {
    await file.close();
  }
}

async function readFully(file: FileHandle, offset: number, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  for (let done = 0; done < size; ) {
    const { bytesRead } = await file.read(bytes, done, size - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes;
}
