import { multiplyAdd } from './lanes';

/**
 * y = a b for matrices of which neither is packed. The columns of b lie side by side, as those of y do; up to three values beyond a row
 * of y are overwritten before the next row is written.
 *
 * @param aRow bytes between rows of a, `aColumn` between its columns
 * @param bRow bytes between rows of b
 */
export function matMul(
  a: usize,
  b: usize,
  y: usize,
  rows: usize,
  inner: usize,
  columns: usize,
  aRow: usize,
  aColumn: usize,
  bRow: usize,
): void {
  for (let row: usize = 0; row < rows; row++, a += aRow, y += 4 * columns) {
    for (let column: usize = 0; column < 4 * columns; column += 16) {
      let sum = f32x4.splat(0);
      let from = a;
      let to = b + column;
      for (let k: usize = 0; k < inner; k++, from += aColumn, to += bRow) {
        sum = multiplyAdd(v128.load(to), v128.load32_splat(from), sum);
      }
      v128.store(y + column, sum);
    }
  }
}
