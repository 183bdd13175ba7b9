import { printable } from '../printable.ts';
import { maskedCrc32c } from '../wire/crc32c.ts';
import type { BundleEntryProto } from '../wire/protos.ts';
import type { Bundle } from './bundle.ts';
import { damaged } from './damage.ts';
import { dataPath } from './files.ts';

/**
 * Reads the bytes of an entry whose size fits its shape, and compares their checksum. Allocates nothing for an entry that reaches
 * beyond its file.
 *
 * @throws UserError `checkpoint` if the data file is missing, too short or damaged
 */
export async function readEntryBytes(
  { prefix, shards, access }: Bundle,
  name: string,
  { shardId, offset, size, crc32c }: BundleEntryProto,
): Promise<Uint8Array> {
  const path = dataPath(prefix, shardId, shards);
  return access.use(path, async (file) => {
    if (offset < 0n || offset + size > file.stats.size)
      throw damaged(
        path,
        `it has ${file.size} bytes, expected ${printable(name)} at ${offset} to ${offset + size}`,
      );
    const bytes = new Uint8Array(Number(size));
    await file.read(bytes, Number(offset));
    if (maskedCrc32c(bytes) !== crc32c)
      throw damaged(path, `the checksum of ${printable(name)} does not match`);
    return bytes;
  });
}
