import { select } from './lanes';

/**
 * Largest value of each window, and where in the window its first occurrence is (row-major), as 16 * row + column. Pixels outside the
 * image never win. Output rows are filled up with zeros to a multiple of four values.
 *
 * @param argmax bytes, laid out as y with a quarter of its strides
 * @param top rows of padding above the image, `left` columns of it before
 */
export function maxPool(
  x: usize,
  y: usize,
  argmax: usize,
  planes: usize,
  rows: i32,
  columns: i32,
  xPlane: usize,
  xRow: usize,
  outRows: i32,
  outColumns: i32,
  yPlane: usize,
  yRow: usize,
  size: i32,
  stride: i32,
  top: i32,
  left: i32,
): void {
  const overlapping = size === 3 && stride === 2 && top === 0 && left === 0;
  for (let plane: usize = 0; plane < planes; plane++) {
    for (let row = 0; row < outRows; row++) {
      const at = plane * yPlane + <usize>row * yRow;
      const yStart = y + at;
      const argStart = argmax + (at >> 2);
      if (overlapping) {
        const xStart = x + plane * xPlane + <usize>(2 * row) * xRow;
        poolRow3x2(xStart, yStart, argStart, min(3, rows - 2 * row), columns, xRow, outColumns);
      } else {
        poolRow(
          x + plane * xPlane,
          yStart,
          argStart,
          row * stride - top,
          rows,
          columns,
          xRow,
          outColumns,
          size,
          stride,
          left,
        );
      }
    }
  }
}

/** Windows of three by three, two apart, four at a time: even columns, odd columns, and the even ones that follow. */
function poolRow3x2(
  x: usize,
  y: usize,
  argmax: usize,
  windowRows: i32,
  columns: i32,
  xRow: usize,
  outColumns: i32,
): void {
  const lowest = f32x4.splat(-Infinity);
  const highest = f32x4.splat(Infinity);
  for (let column = 0; column < outColumns; column += 4) {
    const third = i32x4.add(i32x4.splat(2 * column), i32x4(2, 4, 6, 8));
    // Nothing beyond the image's edge is larger than these; the first column of a window is always inside.
    const secondLimit = select(i32x4.le_s(third, i32x4.splat(columns)), highest, lowest);
    const thirdLimit = select(i32x4.lt_s(third, i32x4.splat(columns)), highest, lowest);
    const inside = i32x4.lt_s(third, i32x4.splat(2 * outColumns + 2));
    let best = lowest;
    let at = i32x4.splat(0);
    let code = i32x4.splat(0);
    let from = x + 8 * column;
    for (let row = 0; row < windowRows; row++, from += xRow) {
      const a = v128.load(from);
      const b = v128.load(from, 16);
      const first = v128.shuffle<f32>(a, b, 0, 2, 4, 6);
      const second = f32x4.pmin(v128.shuffle<f32>(a, b, 1, 3, 5, 7), secondLimit);
      const next = v128.shuffle<f32>(first, v128.load32_splat(from, 32), 1, 2, 3, 4);
      const last = f32x4.pmin(next, thirdLimit);
      at = select(f32x4.gt(first, best), code, at);
      best = f32x4.pmax(best, first);
      at = select(f32x4.gt(second, best), i32x4.add(code, i32x4.splat(1)), at);
      best = f32x4.pmax(best, second);
      at = select(f32x4.gt(last, best), i32x4.add(code, i32x4.splat(2)), at);
      best = f32x4.pmax(best, last);
      code = i32x4.add(code, i32x4.splat(16));
    }
    v128.store(y + 4 * column, v128.and(best, inside));
    const bytes = v128.shuffle<i8>(at, at, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
    store<i32>(argmax + column, i32x4.extract_lane(bytes, 0));
  }
}

function poolRow(
  x: usize,
  y: usize,
  argmax: usize,
  firstRow: i32,
  rows: i32,
  columns: i32,
  xRow: usize,
  outColumns: i32,
  size: i32,
  stride: i32,
  left: i32,
): void {
  for (let column = 0; column < outColumns; column++) {
    const firstColumn = column * stride - left;
    let best: f32 = -Infinity;
    let at = (max(0, -firstRow) << 4) + max(0, -firstColumn);
    for (let r = max(0, -firstRow); r < size && firstRow + r < rows; r++) {
      for (let c = max(0, -firstColumn); c < size && firstColumn + c < columns; c++) {
        const value = load<f32>(x + <usize>(firstRow + r) * xRow + 4 * (firstColumn + c));
        if (value > best) {
          best = value;
          at = (r << 4) + c;
        }
      }
    }
    store<f32>(y + 4 * column, best);
    store<u8>(argmax + column, at);
  }
  for (let column = outColumns; column & 3; column++) store<f32>(y + 4 * column, 0);
}

/**
 * Gradient of `maxPool`: adds each output's gradient to the input that won.
 *
 * @param dx overwritten, `rows` rows a plane, to their full length in bytes
 */
export function maxPoolGradient(
  dy: usize,
  argmax: usize,
  dx: usize,
  planes: usize,
  rows: usize,
  xPlane: usize,
  xRow: usize,
  outRows: usize,
  outColumns: usize,
  yPlane: usize,
  yRow: usize,
  stride: i32,
  top: i32,
  left: i32,
): void {
  for (let plane: usize = 0; plane < planes; plane++) {
    const target = dx + plane * xPlane;
    memory.fill(target, 0, rows * xRow);
    for (let row: usize = 0; row < outRows; row++) {
      const source = dy + plane * yPlane + row * yRow;
      const winners = argmax + ((plane * yPlane + row * yRow) >> 2);
      // Wraps below zero where the window begins in the padding; the winner is always inside.
      let window = target + (i32(row) * stride - top) * i32(xRow) - 4 * left;
      for (let column: usize = 0; column < outColumns; column++, window += 4 * stride) {
        const winner: usize = load<u8>(winners + column);
        const at = window + (winner >> 4) * xRow + 4 * (winner & 15);
        store<f32>(at, load<f32>(at) + load<f32>(source + 4 * column));
      }
    }
  }
}
