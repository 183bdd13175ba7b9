/** A weight as model_pruning's block_height and block_width see it: all axes but the last are rows. Row-major. */
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
 * The largest blocks, laid from the first row and column on and cut at the last, of which each is all zeros or has none.
 * There is exactly one: its height is the greatest common divisor of the rows that differ from the row before in where
 * zeros are, its width that of such columns. A height or width is the whole axis where no row or column differs.
 *
 * @returns undefined where all values are zero or none is, so that there is no structure to speak of
 */
export function blockStructure(matrix: Matrix): BlockShape | undefined {
  const { rows, columns } = matrix;
  const height = commonDivisor(rows, (row) => rowChanges(matrix, row));
  const width = commonDivisor(columns, (column) => columnChanges(matrix, column));
  if (height === 0 && width === 0) return undefined;
  return { height: height || rows, width: width || columns };
}

/** Of all positions along an axis that differ from the one before; 0 if none does. */
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
