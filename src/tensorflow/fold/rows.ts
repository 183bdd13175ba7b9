import type { Tensor } from '../../wire/tensor.ts';
import type { Values } from './fold.ts';

/** The stride along each axis of a row-major tensor, in values. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let distance = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = distance;
    distance *= shape[axis]!;
  }
  return strides;
}

/**
 * Receives a row.
 *
 * @param offsets for each operand the index of the row's first value
 * @param strides for each operand the distance from one value of the row to the next
 * @param start index of the row's first value in the result, in which the others follow it directly
 * @param length number of values in the row
 */
export type Row = (
  offsets: readonly number[],
  strides: readonly number[],
  start: number,
  length: number,
) => void;

/**
 * Visits a row-major result row by row. Rows are as long as the operands' layouts allow.
 *
 * @param extents shape of the result
 * @param operands for each operand its stride along each axis; 0 along axes over which it is broadcast
 */
export function eachRow(
  extents: readonly number[],
  operands: readonly (readonly number[])[],
  visit: Row,
): void {
  const axes = mergedAxes(extents, operands);
  const { extent: length, strides: steps } = axes.pop() ?? { extent: 1, strides: operands.map(() => 0) };
  const rows = axes.reduce((product, { extent }) => product * extent, 1);
  const offsets = operands.map(() => 0);
  const counters = axes.map(() => 0);
  if (length === 0) return;
  for (let row = 0; row < rows; row++) {
    visit(offsets, steps, row * length, length);
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      const { extent, strides } = axes[axis]!;
      const turns = ++counters[axis]! === extent;
      if (turns) counters[axis] = 0;
      for (let operand = 0; operand < offsets.length; operand++)
        offsets[operand]! += strides[operand]! * (turns ? 1 - extent : 1);
      if (!turns) break;
    }
  }
}

interface Axis {
  readonly extent: number;
  /** The stride of each operand. */
  readonly strides: readonly number[];
}

/** Drops axes of extent 1, and merges neighbouring axes along which every operand has one even stride. */
function mergedAxes(extents: readonly number[], operands: readonly (readonly number[])[]): Axis[] {
  const merged: Axis[] = [];
  extents.forEach((extent, axis) => {
    if (extent === 1) return;
    const strides = operands.map((operand) => operand[axis]!);
    const last = merged.at(-1);
    const even = last?.strides.every((stride, operand) => stride === strides[operand]! * extent);
    if (last && even) merged[merged.length - 1] = { extent: last.extent * extent, strides };
    else merged.push({ extent, strides });
  });
  return merged;
}

/** Fills `to` with the values of `from` that lie `strides` apart, the first at `offset`. */
export function copyStrided(
  from: Pick<Tensor, 'data'>,
  to: Pick<Tensor, 'shape' | 'data'>,
  offset: number,
  strides: readonly number[],
): void {
  const [source, target] = [from.data as Values, to.data as Values];
  eachRow(to.shape, [strides], (offsets, steps, start, length) => {
    const [first, step] = [offset + offsets[0]!, steps[0]!];
    for (let i = 0; i < length; i++) target[start + i] = source[first + i * step]!;
  });
}
