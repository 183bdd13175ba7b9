import { basename, dirname, join, win32 } from 'node:path';
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
import {
  checkpointPrefix,
  dataPath,
  graphTextPath,
  indexPath,
  isFile,
  metaPath,
  stepOfPrefix,
} from './files.ts';
import { removeCheckpoint, removeFile } from './remove.ts';
import { readState, writeState } from './state.ts';

export interface NewCheckpoint {
  /** The folder of the checkpoints; it is made if it does not exist. */
  readonly dir: string;
  readonly step: number;
  /** Values by variable name. */
  readonly variables: ReadonlyMap<string, Tensor>;
  readonly metaGraph: MetaGraphDef;
  /** The number of checkpoints to keep, at least 1. Older ones are deleted once this one is complete. */
  readonly keep: number;
  /** Checkpoints up to this step are neither counted nor deleted. */
  readonly keptUpTo?: number | undefined;
}

/**
 * Writes a checkpoint `model.ckpt-N` in TensorFlow's V2 format. Each file appears complete or not at all, the index last. Only then
 * does the file `checkpoint` name the new checkpoint as the latest. It lists every checkpoint that is being written or deleted, so
 * that `removeLeftovers` knows what a killed process has left.
 *
 * @returns the checkpoint's prefix, `DIR/model.ckpt-N`
 * @throws UserError `file` if the file system refuses, `checkpoint` if the file `checkpoint` is damaged; RangeError if `keep` is
 *   less than 1
 */
export async function saveCheckpoint(checkpoint: NewCheckpoint): Promise<string> {
  const { dir, step, keep, keptUpTo = -1 } = checkpoint;
  if (!(keep >= 1)) throw new RangeError(`keep is ${keep}, expected at least 1`);
  await makeFolder(dir);
  const prefix = checkpointPrefix(dir, step);
  const name = basename(prefix);
  const state = await readState(dir);
  // As in TensorFlow, the latest checkpoint counts even if it is not listed.
  const named = state ? [...new Set([...state.all, state.latest].map((path) => win32.basename(path)))] : [];
  const older = named.filter((other) => other !== name && (stepOfPrefix(other) ?? keptUpTo) > keptUpTo);
  const all = [...older, name];
  const latest = state && (await nameIn(dir, state.latest));
  if (latest !== undefined && latest !== name) {
    await writeState(dir, latest, all);
    // An old index would make the new data look like a complete checkpoint.
    if (await isFile(indexPath(prefix))) await removeFile(indexPath(prefix));
  }
  await writeFiles(prefix, checkpoint);
  await writeState(dir, name, all);
  const retired = all.slice(0, -keep);
  if (retired.length === 0) return prefix;
  for (const other of retired) await removeCheckpoint(dir, other);
  await writeState(dir, name, all.slice(-keep));
  return prefix;
}

async function writeFiles(prefix: string, { variables, metaGraph }: NewCheckpoint): Promise<void> {
  const { data, index } = encodeBundle(variables);
  try {
    await writeFileDurably(dataPath(prefix, 0, 1), data);
    await writeFileDurably(metaPath(prefix), toBinary(MetaGraphDefSchema, metaGraph));
    await writeFileDurably(indexPath(prefix), index);
  } catch (error) {
    // Free the space of the incomplete checkpoint, since the disk may be full.
    if (!(await isFile(indexPath(prefix))))
      await removeCheckpoint(dirname(prefix), basename(prefix)).catch(() => undefined);
    throw error;
  }
}

/** A checkpoint's name for the file `checkpoint`: relative if it is in this folder, even if its path says where the folder was before. */
async function nameIn(dir: string, prefix: string): Promise<string> {
  const name = win32.basename(prefix);
  return (await isFile(indexPath(join(dir, name)))) ? name : prefix;
}

/** Writes the graph as text to `graph.pbtxt`, for TensorBoard and for people. */
export async function writeGraphText(dir: string, graph: GraphDef): Promise<void> {
  await makeFolder(dir);
  await writeFileDurably(graphTextPath(dir), new TextEncoder().encode(toText(GraphDefSchema, graph)));
}

/** Encodes variables as one data shard and its index, in bytewise order of their names. */
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
