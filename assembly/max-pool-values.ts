import { select } from './lanes';

/**
 * Largest value of each window, as `maxPool` without where it is. Pixels outside the image never win. Columns are computed in fours, so up
 * to three values beyond a row's end are overwritten; rows and planes are written in their order.
 *
 * @param height of the window, `width` its columns
 * @param down rows from one window to the next, `right` columns
 * @param top rows of padding above the image, `left` columns of it before
 */
export function maxPoolValues(
  x: usize,
  y: usize,
  planes: usize,
  rows: i32,
  columns: i32,
  xPlane: usize,
  xRow: usize,
  outRows: i32,
  outColumns: i32,
  yPlane: usize,
  yRow: usize,
  height: i32,
  width: i32,
  down: i32,
  right: i32,
  top: i32,
  left: i32,
): void {
  const overlapping = width === 3 && right === 2 && left === 0;
  for (let plane: usize = 0; plane < planes; plane++, x += xPlane, y += yPlane) {
    for (let row = 0; row < outRows; row++) {
      const first = max(0, row * down - top);
      const end = min(rows, row * down - top + height);
      const from = x + <usize>first * xRow;
      const to = y + <usize>row * yRow;
      if (overlapping) poolRow3x2(from, to, end - first, columns, xRow, outColumns);
      else poolRow(from, to, end - first, columns, xRow, outColumns, width, right, left);
    }
  }
}

/** Windows of three columns, two apart, four at a time: even columns, odd columns, and the even ones that follow. */
function poolRow3x2(x: usize, y: usize, windowRows: i32, columns: i32, xRow: usize, outColumns: i32): void {
  let a = largestInColumns(x, windowRows, xRow);
  for (let column = 0; column < outColumns; column += 4, x += 32, y += 16) {
    const b = largestInColumns(x + 16, windowRows, xRow);
    const next = largestInColumns(x + 32, windowRows, xRow);
    const first = v128.shuffle<f32>(a, b, 0, 2, 4, 6);
    let second = v128.shuffle<f32>(a, b, 1, 3, 5, 7);
    let third = v128.shuffle<f32>(first, next, 1, 2, 3, 4);
    a = next;
    if (2 * column + 9 > columns) {
      // Nothing beyond the image's edge is larger than these; the first column of a window is always inside.
      const thirds = i32x4.add(i32x4.splat(2 * column), i32x4(2, 4, 6, 8));
      const lowest = f32x4.splat(-Infinity);
      const highest = f32x4.splat(Infinity);
      second = f32x4.pmin(second, select(i32x4.le_s(thirds, i32x4.splat(columns)), highest, lowest));
      third = f32x4.pmin(third, select(i32x4.lt_s(thirds, i32x4.splat(columns)), highest, lowest));
    }
    v128.store(y, f32x4.pmax(f32x4.pmax(first, second), third));
  }
}

/** The largest value of each of four columns. */
function largestInColumns(x: usize, rows: i32, xRow: usize): v128 {
  let best = v128.load(x);
  if (rows === 3) {
    return f32x4.pmax(f32x4.pmax(best, v128.load(x + xRow)), v128.load(x + 2 * xRow));
  }
  for (let row = 1; row < rows; row++) {
    x += xRow;
    best = f32x4.pmax(best, v128.load(x));
  }
  return best;
}

function poolRow(
  x: usize,
  y: usize,
  windowRows: i32,
  columns: i32,
  xRow: usize,
  outColumns: i32,
  width: i32,
  right: i32,
  left: i32,
): void {
  for (let column = 0; column < outColumns; column++, y += 4) {
    const first = max(0, column * right - left);
    const end = min(columns, column * right - left + width);
    let best: f32 = -Infinity;
    for (let r = 0; r < windowRows; r++) {
      const row = x + <usize>r * xRow;
      for (let c = first; c < end; c++) best = max(best, load<f32>(row + 4 * c));
    }
    store<f32>(y, best);
  }
}
