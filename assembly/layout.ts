/**
 * Copies float32 values between any two strided layouts: NHWC images to planes and back, planes into their padding, every s-th column
 * to a plane of its own. All strides are bytes; `columns` values are written in each row, no more.
 */
export function copyStrided(
  source: usize,
  target: usize,
  planes: usize,
  rows: usize,
  columns: usize,
  sourcePlane: usize,
  sourceRow: usize,
  sourceColumn: usize,
  targetPlane: usize,
  targetRow: usize,
  targetColumn: usize,
): void {
  const contiguous = sourceColumn === 4 && targetColumn === 4;
  for (let plane: usize = 0; plane < planes; plane++) {
    for (let row: usize = 0; row < rows; row++) {
      let from = source + plane * sourcePlane + row * sourceRow;
      let to = target + plane * targetPlane + row * targetRow;
      let column: usize = 0;
      if (contiguous) {
        for (; column + 4 <= columns; column += 4, from += 16, to += 16) v128.store(to, v128.load(from));
      }
      for (; column < columns; column++, from += sourceColumn, to += targetColumn) {
        store<f32>(to, load<f32>(from));
      }
    }
  }
}

/**
 * target[c][r] = source[r][c]. Each row of the target is filled up with zeros to a multiple of four values.
 *
 * @param sourceRow bytes between rows of the source
 * @param targetRow bytes between rows of the target
 */
export function transpose(
  source: usize,
  target: usize,
  rows: usize,
  columns: usize,
  sourceRow: usize,
  targetRow: usize,
): void {
  let row: usize = 0;
  for (; row + 4 <= rows; row += 4) {
    let from = source + row * sourceRow;
    let to = target + 4 * row;
    let column: usize = 0;
    for (; column + 4 <= columns; column += 4, from += 16, to += 4 * targetRow) {
      const a = v128.load(from);
      const b = v128.load(from + sourceRow);
      const c = v128.load(from + 2 * sourceRow);
      const d = v128.load(from + 3 * sourceRow);
      const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
      const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
      const CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
      v128.store(to + targetRow, v128.shuffle<i64>(ab, cd, 1, 3));
      v128.store(to + 2 * targetRow, v128.shuffle<i64>(AB, CD, 0, 2));
      v128.store(to + 3 * targetRow, v128.shuffle<i64>(AB, CD, 1, 3));
    }
    for (; column < columns; column++, from += 4, to += targetRow) {
      for (let lane: usize = 0; lane < 4; lane++)
        store<f32>(to + 4 * lane, load<f32>(from + lane * sourceRow));
    }
  }
  if (row === rows) return;
  for (let column: usize = 0; column < columns; column++) {
    const to = target + column * targetRow + 4 * row;
    v128.store(to, f32x4.splat(0));
    for (let lane: usize = 0; row + lane < rows; lane++) {
      store<f32>(to + 4 * lane, load<f32>(source + (row + lane) * sourceRow + 4 * column));
    }
  }
}

/** Sets the values between each row's `columns` and the next multiple of four to zero. */
export function clearRowEnds(
  planes: usize,
  target: usize,
  plane: usize,
  rows: usize,
  row: usize,
  columns: usize,
): void {
  for (let p: usize = 0; p < planes; p++) {
    for (let r: usize = 0; r < rows; r++) {
      const start = target + p * plane + r * row;
      for (let column = columns; column & 3; column++) store<f32>(start + 4 * column, 0);
    }
  }
}
