import type { Tensor } from '../../wire/tensor.ts';
import { copyStrided, stridesOf } from './rows.ts';

/** A tensor in row-major order. */
interface Arranged<Data> {
  readonly shape: readonly number[];
  readonly data: Data;
}

/**
 * Permutes the axes of a tensor.
 *
 * @param axes for each axis of the result, the axis of `values` that it takes
 * @param zeros allocates the result
 * @returns undefined if `axes` is not a permutation of the axes of `values`
 */
export function transposed<Data extends Tensor['data']>(
  values: Arranged<Data>,
  axes: readonly number[],
  zeros: (shape: readonly number[]) => Data = () => values.data.slice() as Data,
): Arranged<Data> | undefined {
  const { shape } = values;
  if (axes.toSorted((a, b) => a - b).join() !== [...shape.keys()].join()) return undefined;
  const extents = axes.map((axis) => shape[axis]!);
  const result = { shape: extents, data: zeros(extents) };
  const strides = stridesOf(shape);
  copyStrided(
    values,
    result,
    0,
    axes.map((axis) => strides[axis]!),
  );
  return result;
}
