import type { Tensor } from '../../wire/tensor.ts';
import type { Values } from './fold.ts';

/** Distances in memory between neighbours along each axis of a row-major tensor. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let distance = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = distance;
    distance *= shape[axis]!;
  }
  return strides;
}

/** Where a row lies: its first value in each operand, the distance to the next, and the same in the result. */
export type Row = (
  offsets: readonly number[],
  steps: readonly number[],
  start: number,
  length: number,
) => void;

/**
 * Goes through a row-major result of the extents, row after row, each as long as the operands' layout allows.
 *
 * @param operands for each operand its strides, one an axis; 0 where one value stands for the whole axis
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
  /** One an operand. */
  readonly strides: readonly number[];
}

/** The axes without those of extent 1, and neighbours as one where every operand steps through both evenly. */
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
