import type { Tensor } from '../../wire/tensor.ts';
import { copyStrided, stridesOf } from './rows.ts';

/** Values in row-major order. */
interface Arranged<Data> {
  readonly shape: readonly number[];
  readonly data: Data;
}

/**
 * Values with their axes in another order.
 *
 * @param axes for each axis of the result that of the values
 * @param zeros makes the memory of the result, as large as that of the values
 * @returns undefined unless the axes are those of the values in some order
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
