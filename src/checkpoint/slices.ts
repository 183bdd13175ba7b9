import type { TensorSliceProto } from '../wire/protos.ts';
import {
  bytesPerElement,
  type Dtype,
  elementCount,
  type Tensor,
  tensorBytes,
  tensorFromBytes,
} from '../wire/tensor.ts';

/** A box within a tensor: its first index and its extent along each axis. */
export interface Slice {
  readonly start: readonly number[];
  readonly shape: readonly number[];
}

/** Reads a slice of a tensor of this shape. @returns undefined if the slice does not lie within the tensor */
export function resolveSlice({ extent }: TensorSliceProto, shape: readonly number[]): Slice | undefined {
  if (extent.length !== shape.length) return undefined;
  const start = extent.map((axis) => Number(axis.start));
  const lengths = extent.map(({ hasLengthHack }, axis) =>
    hasLengthHack.case === 'length' ? Number(hasLengthHack.value) : shape[axis]! - start[axis]!,
  );
  const inside = shape.every(
    (size, axis) => start[axis]! >= 0 && lengths[axis]! >= 0 && start[axis]! + lengths[axis]! <= size,
  );
  return inside ? { start, shape: lengths } : undefined;
}

/**
 * Joins slices to a tensor. They must cover each of its elements exactly once.
 *
 * @param parts each slice with its values, little-endian and row-major
 * @returns undefined if an element is in no slice or in several
 */
export function joinSlices(
  dtype: Dtype,
  shape: readonly number[],
  parts: readonly (readonly [Slice, Uint8Array])[],
): Tensor | undefined {
  const count = elementCount(shape);
  const covered = parts.reduce((total, [slice]) => total + elementCount(slice.shape), 0);
  if (covered !== count) return undefined;
  const bytesEach = bytesPerElement(dtype);
  const whole = new Uint8Array(count * bytesEach);
  const seen = new Uint8Array(count);
  for (const [slice, bytes] of parts) {
    const rowBytes = (slice.shape.at(-1) ?? 1) * bytesEach;
    rowOffsets(slice, shape).forEach((offset, row) => {
      whole.set(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), offset * bytesEach);
      seen.fill(1, offset, offset + rowBytes / bytesEach);
    });
  }
  return seen.includes(0) ? undefined : tensorFromBytes(dtype, shape, whole);
}

/** Copies the values of a slice to a new tensor. */
export function cutSlice(tensor: Tensor, slice: Slice): Tensor {
  const bytesEach = bytesPerElement(tensor.dtype);
  const whole = tensorBytes(tensor);
  const part = new Uint8Array(elementCount(slice.shape) * bytesEach);
  const rowBytes = (slice.shape.at(-1) ?? 1) * bytesEach;
  rowOffsets(slice, tensor.shape).forEach((offset, row) => {
    part.set(whole.subarray(offset * bytesEach, offset * bytesEach + rowBytes), row * rowBytes);
  });
  return tensorFromBytes(tensor.dtype, slice.shape, part);
}

/** For each row of a slice, which runs along the last axis, the index in the tensor of its first element. */
function rowOffsets({ start, shape: lengths }: Slice, shape: readonly number[]): number[] {
  let offsets = [0];
  shape.forEach((size, axis) => {
    const last = axis === shape.length - 1;
    const steps = Array.from({ length: last ? 1 : lengths[axis]! }, (_, step) => start[axis]! + step);
    offsets = offsets.flatMap((offset) => steps.map((step) => offset * size + step));
  });
  return offsets;
}
