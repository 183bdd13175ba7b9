/** A weight as a matrix, as model_pruning's block_height and block_width mean it: all axes but the last are rows. Row-major. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: ArrayLike<number>;
}

/** Rows and columns of a block. */
export interface BlockShape {
  readonly height: number;
  readonly width: number;
}

/**
 * The largest block size for which every block is either all zeros or has no zeros. Blocks start at the first row and column;
 * the last ones may be cut off. The height is the greatest common divisor of the indices of all rows whose zeros differ from
 * those of the row before, the width that of such columns. If no row or column differs, it is the whole axis.
 *
 * @returns undefined if all values are zero or none is: then there is no structure
 */
export function blockStructure(matrix: Matrix): BlockShape | undefined {
  const { rows, columns } = matrix;
  const height = commonDivisor(rows, (row) => rowChanges(matrix, row));
  const width = commonDivisor(columns, (column) => columnChanges(matrix, column));
  if (height === 0 && width === 0) return undefined;
  return { height: height || rows, width: width || columns };
}

/** The greatest common divisor of the positions along an axis that differ from the one before; 0 if none does. */
function commonDivisor(length: number, changes: (position: number) => boolean): number {
  let divisor = 0;
  for (let position = 1; position < length && divisor !== 1; position++) {
    if (position % divisor !== 0 && changes(position)) divisor = greatestCommonDivisor(position, divisor);
  }
  return divisor;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function rowChanges({ columns, values }: Matrix, row: number): boolean {
  for (let at = row * columns; at < (row + 1) * columns; at++) {
    if ((values[at] === 0) !== (values[at - columns] === 0)) return true;
  }
  return false;
}

function columnChanges({ rows, columns, values }: Matrix, column: number): boolean {
  for (let at = column; at < rows * columns; at += columns) {
    if ((values[at] === 0) !== (values[at - 1] === 0)) return true;
  }
  return false;
}
