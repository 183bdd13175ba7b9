import { eachRow, type Row, stridesOf } from './rows.ts';

/** The strides by which a tensor is read as one of a larger shape. */
function broadcastStrides(shape: readonly number[], to: readonly number[]): number[] {
  const strides = stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride));
  return [...new Array<number>(to.length - shape.length).fill(0), ...strides];
}

/**
 * Goes through a row-major result, row after row.
 *
 * @param operands shapes that broadcast to that of the result
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
