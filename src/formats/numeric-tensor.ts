import { transposed } from '../tensorflow/fold/transposed.ts';
import { decodeHalves } from '../wire/half.ts';
import type { Dtype, Tensor } from '../wire/tensor.ts';

/** A tensor whose values are JavaScript numbers, whatever their stored type. Row-major; a scalar has shape []. */
export interface NumericTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly values: NumberArray;
}

export type NumberArray = Exclude<Tensor['data'], BigInt64Array>;

/** Converts float16 to float32, and int64 to float64, which is exact up to 2^53. Other types stay as they are. */
export function numeric({ dtype, shape, data }: Tensor): NumericTensor {
  if (dtype === 'int64') return { dtype, shape, values: Float64Array.from(data, Number) };
  return { dtype, shape, values: dtype === 'float16' ? decodeHalves(data) : data };
}

/**
 * Permutes the axes of a tensor.
 *
 * @param axes for each axis of the result, the axis of the tensor that it takes
 * @returns undefined if `axes` is not a permutation of the tensor's axes
 */
export function transposedNumbers(
  { dtype, shape, values }: NumericTensor,
  axes: readonly number[],
): NumericTensor | undefined {
  const result = transposed({ shape, data: values }, axes);
  return result && { dtype, shape: result.shape, values: result.data };
}

/** Swaps the last two axes. A tensor with fewer axes stays as it is. */
export function withLastAxesSwapped(tensor: NumericTensor): NumericTensor {
  const axes = [...tensor.shape.keys()];
  const rank = axes.length;
  return transposedNumbers(tensor, [...axes.slice(0, -2), rank - 1, rank - 2]) ?? tensor;
}

export function countNonzero(values: ArrayLike<number>): number {
  let count = 0;
  for (let index = 0; index < values.length; index++) if (values[index] !== 0) count++;
  return count;
}

/** Counts NaN and infinities. */
export function countNotFinite(values: ArrayLike<number>): number {
  let count = 0;
  for (let index = 0; index < values.length; index++) if (!Number.isFinite(values[index])) count++;
  return count;
}
