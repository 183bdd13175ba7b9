import { eachRow, type Row, stridesOf } from './rows.ts';

/** The strides, in values, with which a tensor is read as if it were broadcast to a larger shape. */
function broadcastStrides(shape: readonly number[], to: readonly number[]): number[] {
  const strides = stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride));
  return [...new Array<number>(to.length - shape.length).fill(0), ...strides];
}

/**
 * Visits a row-major result row by row, see `eachRow`.
 *
 * @param shape of the result
 * @param operands shapes that broadcast to it
 */
export function eachBroadcastRow(
  shape: readonly number[],
  operands: readonly (readonly number[])[],
  visit: Row,
): void {
  eachRow(
    shape,
    operands.map((operand) => broadcastStrides(operand, shape)),
    visit,
  );
}
