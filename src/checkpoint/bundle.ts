import { fromBinary } from '@bufbuild/protobuf';
import { printable } from '../printable.ts';
import {
  type BundleEntryProto,
  BundleEntryProtoSchema,
  BundleHeaderProto_Endianness,
  BundleHeaderProtoSchema,
} from '../wire/protos.ts';
import { decodeTable } from '../wire/table.ts';
import { damaged, decodingFile } from './damage.ts';
import type { FileAccess } from './file-access.ts';
import { indexPath } from './files.ts';
import { isSliceKey } from './ordered-code.ts';

/** Enough for more variables than any model has, at some hundred bytes each. */
const MAX_BYTES = 2 ** 28;

/** The index of a checkpoint: the place of each variable in the data files. */
export interface Bundle {
  readonly prefix: string;
  readonly shards: number;
  readonly access: FileAccess;
  /** Entries by variable name, in bytewise order. */
  readonly variables: ReadonlyMap<string, BundleEntryProto>;
  /** Entries of the slices of partitioned variables, by their keys in hexadecimal. */
  readonly slices: ReadonlyMap<string, BundleEntryProto>;
}

/** Reads the index of a checkpoint. @throws UserError `checkpoint` if it is missing or damaged */
export async function readBundle(prefix: string, access: FileAccess): Promise<Bundle> {
  const path = indexPath(prefix);
  const table = await access.use(path, (file) => file.readAll(MAX_BYTES));
  const [header, ...entries] = decodingFile(path, 'a table', () => decodeTable(table));
  if (header?.[0].length !== 0) throw damaged(path, 'it has no header');
  const { numShards, endianness } = decodingFile(path, 'a BundleHeaderProto', () =>
    fromBinary(BundleHeaderProtoSchema, header[1]),
  );
  if (endianness !== BundleHeaderProto_Endianness.LITTLE)
    throw damaged(path, 'its numbers are big-endian, expected little-endian');

  const variables = new Map<string, BundleEntryProto>();
  const slices = new Map<string, BundleEntryProto>();
  for (const [key, value] of entries) {
    const entry = decodingFile(path, 'a BundleEntryProto for each variable', () =>
      fromBinary(BundleEntryProtoSchema, value),
    );
    const isSlice = isSliceKey(key);
    const text = Buffer.from(key).toString(isSlice ? 'hex' : 'utf8');
    if (entry.shardId < 0 || entry.shardId >= numShards)
      throw damaged(
        path,
        `${isSlice ? 'a slice' : printable(text)} is in shard ${entry.shardId} of ${numShards}`,
      );
    (isSlice ? slices : variables).set(text, entry);
  }
  return { prefix, shards: numShards, access, variables, slices };
}
