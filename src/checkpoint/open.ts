import { open, readFile } from 'node:fs/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import { maskedCrc32c } from '../wire/crc32c.ts';
import {
  type BundleEntryProto,
  BundleEntryProtoSchema,
  BundleHeaderProtoSchema,
  DataType,
  type MetaGraphDef,
  MetaGraphDefSchema,
} from '../wire/protos.ts';
import { decodeTable } from '../wire/table.ts';
import { bytesPerElement, dtypeOf, elementCount, type Tensor, tensorFromBytes } from '../wire/tensor.ts';
import { dataPath, indexPath, metaPath, stepOfPrefix } from './files.ts';

/** A checkpoint whose index has been read. */
export interface Checkpoint {
  readonly prefix: string;
  /** From the name `model.ckpt-N`; undefined if it has no such ending. */
  readonly step: number | undefined;
  /** Names of all variables, in bytewise order. */
  readonly names: readonly string[];
  has(name: string): boolean;
  /**
   * A variable's values, with their checksum compared.
   *
   * @throws UserError `checkpoint` if there is no such variable, or the data file is missing or damaged
   */
  read(name: string): Promise<Tensor>;
}

const HINT = 'Name an older checkpoint of the folder, for example DIR/model.ckpt-100, or train anew.';

/** @throws UserError `checkpoint` if the index is missing or damaged */
export async function openCheckpoint(prefix: string): Promise<Checkpoint> {
  const path = indexPath(prefix);
  const [[, headerBytes], ...rest] = await readIndex(path);
  const header = parse(path, () => fromBinary(BundleHeaderProtoSchema, headerBytes));
  const entries = new Map(
    rest.map(([key, value]) => [
      Buffer.from(key).toString(),
      parse(path, () => fromBinary(BundleEntryProtoSchema, value)),
    ]),
  );
  return {
    prefix,
    step: stepOfPrefix(prefix),
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    async read(name) {
      const entry = entries.get(name);
      if (!entry) throw new UserError('checkpoint', `${prefix} holds no variable ${name}`, HINT);
      return readTensor(dataPath(prefix, entry.shardId, header.numShards), name, entry);
    },
  };
}

/** The graph that was saved with a checkpoint. @throws UserError `checkpoint` if the file is missing or damaged */
export async function readMetaGraph(prefix: string): Promise<MetaGraphDef> {
  const path = metaPath(prefix);
  const bytes = await readFileOf(path);
  const metaGraph = parse(path, () => fromBinary(MetaGraphDefSchema, bytes));
  if (!metaGraph.graphDef?.node.length) throw damaged(path, 'it holds no graph');
  return metaGraph;
}

async function readIndex(path: string): Promise<[[Uint8Array, Uint8Array], ...[Uint8Array, Uint8Array][]]> {
  const bytes = await readFileOf(path);
  const [first, ...rest] = parse(path, () => decodeTable(bytes));
  if (first?.[0].length !== 0) throw damaged(path, 'it has no header');
  return [[first[0], first[1]], ...rest.map(([key, value]): [Uint8Array, Uint8Array] => [key, value])];
}

async function readTensor(path: string, name: string, entry: BundleEntryProto): Promise<Tensor> {
  const dtype = dtypeOf(entry.dtype);
  if (!dtype || entry.slices.length > 0)
    throw new UserError(
      'checkpoint',
      `${path}: ${name} is ${entry.slices.length > 0 ? 'partitioned' : DataType[entry.dtype]}, which cannot be read`,
    );
  const shape = entry.shape?.dim.map(({ size }) => Number(size)) ?? [];
  if (BigInt(elementCount(shape) * bytesPerElement(dtype)) !== entry.size)
    throw damaged(path, `${name} has shape [${shape}] but ${entry.size} bytes`);
  const bytes = await readRange(path, name, Number(entry.offset), Number(entry.size));
  if (maskedCrc32c(bytes) !== entry.crc32c) throw damaged(path, `the checksum of ${name} does not fit`);
  return tensorFromBytes(dtype, shape, bytes);
}

async function readRange(path: string, name: string, offset: number, size: number): Promise<Uint8Array> {
  const file = await open(path).catch((error) => {
    throw unreadable(path, error);
  });
  try {
    const { size: available } = await file.stat();
    if (offset + size > available)
      throw damaged(path, `it has ${available} bytes, ${name} is expected at ${offset} to ${offset + size}`);
    const bytes = new Uint8Array(size);
    await file.read(bytes, 0, size, offset);
    return bytes;
  } finally {
    await file.close();
  }
}

async function readFileOf(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error) => {
    throw unreadable(path, error);
  });
}

function parse<T>(path: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw damaged(path, error instanceof UserError ? error.message : 'its messages cannot be read', error);
  }
}

function unreadable(path: string, error: NodeJS.ErrnoException): UserError {
  const reason = error.code === 'ENOENT' ? 'is not there' : `cannot be read (${error.code})`;
  return new UserError('checkpoint', `${path} ${reason}`, HINT, { cause: error });
}

function damaged(path: string, how: string, cause?: unknown): UserError {
  return new UserError('checkpoint', `${path} is damaged: ${how}`, HINT, { cause });
}
