import { UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { decodeHalves } from '../../wire/half.ts';
import {
  bytesPerElement,
  type Dtype,
  elementCount,
  float32Tensor,
  type Tensor,
  tensorFromBytes,
} from '../../wire/tensor.ts';
import type { TfjsEntry, TfjsGroup } from './manifest.ts';

/** A tensor in the binary files of a model. */
export interface TfjsTensor {
  readonly entry: TfjsEntry;
  /** The values, decoded if they are quantized; undefined for strings. */
  readonly tensor: Tensor | undefined;
  /** Number of bytes in the files. */
  readonly bytes: number;
}

type StoredDtype =
  | Extract<Dtype, 'float32' | 'float16' | 'int32' | 'uint8' | 'int16' | 'bool'>
  | 'uint16'
  | 'string';
const STORED_DTYPES: ReadonlySet<string> = new Set<StoredDtype>([
  ...(['float32', 'float16', 'int32', 'uint8', 'int16', 'uint16', 'bool', 'string'] as const),
]);

/** Bytes of the length that precedes each string. */
const LENGTH_BYTES = 4;

/**
 * Reads the tensors of a group, up to the first of an unknown type: its size is unknown, so nothing after it can be read.
 *
 * @param bytes contents of the group's files, one after another
 * @param source name of the files in errors
 * @returns the tensors, and the entry of the first tensor that was not read, if any
 * @throws UserError `graph` if the files are cut short
 */
export function readTfjsGroup(
  { weights }: TfjsGroup,
  bytes: Buffer,
  source: string,
): { tensors: TfjsTensor[]; unread: TfjsEntry | undefined } {
  const tensors: TfjsTensor[] = [];
  let offset = 0;
  for (const entry of weights) {
    const dtype = storedDtype(entry);
    if (!dtype) return { tensors, unread: entry };
    const size =
      dtype === 'string'
        ? textBytes(elementCount(entry.shape), bytes, offset)
        : elementCount(entry.shape) * (dtype === 'uint16' ? 2 : bytesPerElement(dtype));
    if (offset + size > bytes.length)
      throw new UserError('graph', `${source} end within ${printable(entry.name)}`);
    const own = bytes.subarray(offset, offset + size);
    tensors.push({ entry, tensor: dtype === 'string' ? undefined : decoded(entry, dtype, own), bytes: size });
    offset += size;
  }
  return { tensors, unread: undefined };
}

/** The type of a tensor's values in the files. */
export const storedTypeOf = ({ dtype, quantization }: TfjsEntry) => quantization?.dtype ?? dtype;

function storedDtype(entry: TfjsEntry): StoredDtype | undefined {
  const type = storedTypeOf(entry);
  return STORED_DTYPES.has(type) ? (type as StoredDtype) : undefined;
}

/** Number of bytes that `count` strings take from `start` on, together with their lengths. */
function textBytes(count: number, bytes: Buffer, start: number): number {
  let end = start;
  for (let index = 0; index < count && end <= bytes.length; index++)
    end += LENGTH_BYTES + (end + LENGTH_BYTES <= bytes.length ? bytes.readUInt32LE(end) : 0);
  return end - start;
}

/** Reads a tensor's values. A quantized value means value * scale + min. */
function decoded(
  { shape, dtype, quantization }: TfjsEntry,
  stored: Exclude<StoredDtype, 'string'>,
  bytes: Uint8Array,
): Tensor {
  if (stored === 'uint16' || stored === 'uint8') {
    const { scale = 1, min = 0 } = quantization ?? {};
    const levels = stored === 'uint8' ? bytes : new Uint16Array(new Uint8Array(bytes).buffer);
    return float32Tensor(
      shape,
      Float32Array.from(levels, (level) => level * scale + min),
    );
  }
  const tensor = tensorFromBytes(stored, shape, bytes);
  return tensor.dtype === 'float16' && dtype === 'float32'
    ? float32Tensor(shape, decodeHalves(tensor.data))
    : tensor;
}
