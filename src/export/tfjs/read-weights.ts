import { UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { decodeHalves } from '../../wire/half.ts';
import { elementCount, float32Tensor } from '../../wire/tensor.ts';
import type { ExportedFile, StoredWeight } from '../format.ts';
import { BYTES_PER_VALUE } from './manifest.ts';
import { type TfjsEntry, type TfjsGroup, tfjsManifest } from './read-manifest.ts';

/** In front of each string. */
const LENGTH_BYTES = 4;

/**
 * The float32 tensors of two axes or more of a graph model, by name.
 *
 * @param files `model.json` first
 * @throws UserError `graph` if they are damaged
 */
export function readTfjsWeights([model, ...shards]: readonly ExportedFile[]): Map<string, StoredWeight> {
  const found = new Map<string, StoredWeight>();
  for (const { paths, weights } of manifestOf(model!)) {
    const bytes = Buffer.concat(paths.map((path) => shardAt(path, shards)));
    let offset = 0;
    for (const entry of weights) {
      const size =
        entry.dtype === 'string' ? stringBytes(elementCount(entry.shape), bytes, offset) : bytesOf(entry);
      const stored = new Uint8Array(bytes.subarray(offset, offset + size));
      offset += stored.length;
      if (stored.length !== size)
        throw new UserError('graph', `${model!.name}: the files end within ${printable(entry.name)}`);
      if (entry.dtype !== 'float32' || entry.shape.length < 2) continue;
      const value = float32Tensor(entry.shape, decoded(entry, stored));
      found.set(entry.name, { value, bytes: stored.length + JSON.stringify(entry).length });
    }
  }
  return found;
}

function manifestOf({ name, bytes }: ExportedFile): readonly TfjsGroup[] {
  const manifest = tfjsManifest(bytes);
  if (manifest) return manifest.weightsManifest;
  throw new UserError('graph', `${name} is no graph model of TensorFlow.js: it lists no weights`);
}

function shardAt(path: string, shards: readonly ExportedFile[]): Uint8Array {
  const shard = shards.find(({ name }) => name === path || name.endsWith(`/${path}`));
  if (!shard) throw new UserError('graph', `the file ${printable(path)}, which holds weights, is missing`);
  return shard.bytes;
}

function bytesOf({ name, shape, dtype, quantization }: TfjsEntry): number {
  const stored = quantization?.dtype ?? dtype;
  if (!isStoredType(stored)) throw new UserError('graph', `the weights ${name} are stored as ${stored}`);
  return elementCount(shape) * BYTES_PER_VALUE[stored];
}

const isStoredType = (dtype: string): dtype is keyof typeof BYTES_PER_VALUE =>
  Object.hasOwn(BYTES_PER_VALUE, dtype);

/** How many bytes strings take, each behind its length, from `start` on. */
function stringBytes(count: number, bytes: Buffer, start: number): number {
  let end = start;
  for (let index = 0; index < count && end <= bytes.length; index++)
    end += LENGTH_BYTES + (end + LENGTH_BYTES <= bytes.length ? bytes.readUInt32LE(end) : 0);
  return end - start;
}

/** @param bytes a copy, so that it starts where its memory does */
function decoded({ dtype, quantization }: TfjsEntry, bytes: Uint8Array): Float32Array {
  switch (quantization?.dtype ?? dtype) {
    case 'float16':
      return decodeHalves(new Uint16Array(bytes.buffer));
    case 'uint8': {
      const { scale = 1, min = 0 } = quantization ?? {};
      return Float32Array.from(bytes, (step) => step * scale + min);
    }
    default:
      return new Float32Array(bytes.buffer);
  }
}
