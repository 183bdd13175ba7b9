import { readdir, rm } from 'node:fs/promises';
import { basename, join, win32 } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { toText } from '@bufbuild/protobuf/txtpb';
import { makeFolder, writeFileDurably } from '../durable.ts';
import { maskedCrc32c } from '../wire/crc32c.ts';
import {
  BundleEntryProtoSchema,
  BundleHeaderProtoSchema,
  type GraphDef,
  GraphDefSchema,
  type MetaGraphDef,
  MetaGraphDefSchema,
} from '../wire/protos.ts';
import { encodeTable } from '../wire/table.ts';
import { dataType, shapeProto, type Tensor, tensorBytes } from '../wire/tensor.ts';
import { checkpointPrefix, dataPath, graphTextPath, indexPath, metaPath, stepOfPrefix } from './files.ts';
import { readState, writeState } from './state.ts';

export interface NewCheckpoint {
  /** Made if it does not exist. */
  readonly dir: string;
  readonly step: number;
  /** By name. */
  readonly variables: ReadonlyMap<string, Tensor>;
  readonly metaGraph: MetaGraphDef;
  /** How many checkpoints are kept; older ones are deleted once this one is whole. */
  readonly keep: number;
  /** Checkpoints up to this step are neither counted nor deleted. */
  readonly keptUpTo?: number | undefined;
}

/**
 * Writes TensorFlow's V2 checkpoint `model.ckpt-N`. Each file appears whole or not at all, and the file `checkpoint` names the
 * new one only when all its files are there.
 *
 * @returns the checkpoint's prefix, `DIR/model.ckpt-N`
 * @throws UserError `file` if the file system refuses, `checkpoint` if the file `checkpoint` is damaged
 */
export async function saveCheckpoint(checkpoint: NewCheckpoint): Promise<string> {
  const { dir, step, variables, metaGraph, keep, keptUpTo = -1 } = checkpoint;
  if (!(keep >= 1)) throw new RangeError(`${keep} checkpoints are to be kept, expected at least 1`);
  await makeFolder(dir);
  const prefix = checkpointPrefix(dir, step);
  const { data, index } = encodeBundle(variables);
  await writeFileDurably(dataPath(prefix, 0, 1), data);
  await writeFileDurably(indexPath(prefix), index);
  await writeFileDurably(metaPath(prefix), toBinary(MetaGraphDefSchema, metaGraph));
  const named = ((await readState(dir))?.all ?? []).map((path) => win32.basename(path));
  const counted = named.filter((name) => (stepOfPrefix(name) ?? keptUpTo) > keptUpTo);
  const all = [...counted.filter((name) => name !== basename(prefix)), basename(prefix)];
  await writeState(dir, all.slice(-keep));
  for (const name of all.slice(0, -keep)) await removeCheckpoint(dir, name);
  return prefix;
}

/** Writes the graph as text, `graph.pbtxt`, which TensorBoard and people read. */
export async function writeGraphText(dir: string, graph: GraphDef): Promise<void> {
  await makeFolder(dir);
  await writeFileDurably(graphTextPath(dir), new TextEncoder().encode(toText(GraphDefSchema, graph)));
}

/** One data shard and its index, variables in bytewise order of their names. */
export function encodeBundle(variables: ReadonlyMap<string, Tensor>): {
  data: Uint8Array;
  index: Uint8Array;
} {
  const named = [...variables].map(([name, tensor]) => ({ key: Buffer.from(name), tensor }));
  named.sort((a, b) => Buffer.compare(a.key, b.key));
  const header = create(BundleHeaderProtoSchema, { numShards: 1, version: { producer: 1 } });
  let offset = 0;
  const entries = named.map(({ key, tensor }): [Uint8Array, Uint8Array] => {
    const bytes = tensorBytes(tensor);
    const entry = create(BundleEntryProtoSchema, {
      dtype: dataType(tensor.dtype),
      shape: shapeProto(tensor.shape),
      offset: BigInt(offset),
      size: BigInt(bytes.length),
      crc32c: maskedCrc32c(bytes),
    });
    offset += bytes.length;
    return [key, toBinary(BundleEntryProtoSchema, entry)];
  });
  return {
    data: Buffer.concat(named.map(({ tensor }) => tensorBytes(tensor))),
    index: encodeTable([[new Uint8Array(), toBinary(BundleHeaderProtoSchema, header)], ...entries]),
  };
}

/** Deletes the files of one checkpoint that this package wrote into the folder, and nothing else. */
async function removeCheckpoint(dir: string, name: string): Promise<void> {
  if (!/^model\.ckpt-\d+$/.test(name)) return;
  const suffix = /^\.(index|meta|data-\d{5}-of-\d{5})$/;
  const files = (await readdir(dir)).filter(
    (file) => file.startsWith(name) && suffix.test(file.slice(name.length)),
  );
  await Promise.all(files.map((file) => rm(join(dir, file), { force: true })));
}
