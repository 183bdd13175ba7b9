import { transposed } from '../tensorflow/fold/transposed.ts';
import { decodeHalves } from '../wire/half.ts';
import type { Dtype, Tensor } from '../wire/tensor.ts';

/** A tensor whose values are plain numbers, whatever type they are stored as. Row-major; a scalar has shape []. */
export interface NumericTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly values: NumberArray;
}

export type NumberArray = Exclude<Tensor['data'], BigInt64Array>;

/** float16 as float32; int64 as float64, which holds integers up to 2^53 exactly; all else as it is. */
export function numeric({ dtype, shape, data }: Tensor): NumericTensor {
  if (dtype === 'int64') return { dtype, shape, values: Float64Array.from(data, Number) };
  return { dtype, shape, values: dtype === 'float16' ? decodeHalves(data) : data };
}

/**
 * A tensor with its axes in another order.
 *
 * @param axes for each axis of the result that of the tensor
 * @returns undefined unless the axes are those of the tensor in some order
 */
export function transposedNumbers(
  { dtype, shape, values }: NumericTensor,
  axes: readonly number[],
): NumericTensor | undefined {
  const result = transposed({ shape, data: values }, axes);
  return result && { dtype, shape: result.shape, values: result.data };
}

/** With the last two axes in the place of each other; what has fewer as it is. */
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

/** NaN and infinities. */
export function countNotFinite(values: ArrayLike<number>): number {
  let count = 0;
  for (let index = 0; index < values.length; index++) if (!Number.isFinite(values[index])) count++;
  return count;
}
