import { multiplyAdd } from './lanes';

/**
 * The correlation of `convDense` with each output channel's own list of taps, so that weights that are zero cost nothing. Two rows of
 * twelve columns share a weight: six accumulators.
 *
 * @param pairs for channel c, at pairs + c * pairsStride: (byte offset into x, float32 weight) of each tap
 * @param counts number of pairs, u32, one a channel
 */
export function convSparse(
  x: usize,
  y: usize,
  rows: usize,
  columns: usize,
  xRow: usize,
  yRow: usize,
  yPlane: usize,
  pairs: usize,
  pairsStride: usize,
  counts: usize,
  channels: usize,
  bias: usize,
  floor: usize,
): void {
  const lowest = v128.load32_splat(floor);
  for (let row: usize = 0; row < rows; row += 2) {
    // The last row of an odd number is computed twice.
    const xNext = row + 1 < rows ? xRow : 0;
    const yNext = row + 1 < rows ? yRow : 0;
    for (let channel: usize = 0; channel < channels; channel++) {
      const list = pairs + channel * pairsStride;
      const end = list + 8 * load<u32>(counts + 4 * channel);
      const start = v128.load32_splat(bias + 4 * channel);
      const yTile = y + channel * yPlane + row * yRow;
      const xTile = x + row * xRow;
      let column: usize = 0;
      for (; column + 8 < columns; column += 12) {
        tile12(xTile + 4 * column, xNext, list, end, yTile + 4 * column, yNext, start, lowest);
      }
      if (column + 4 < columns)
        tile8(xTile + 4 * column, xNext, list, end, yTile + 4 * column, yNext, start, lowest);
      else if (column < columns)
        tile4(xTile + 4 * column, xNext, list, end, yTile + 4 * column, yNext, start, lowest);
    }
  }
}

function tile12(
  x: usize,
  xNext: usize,
  list: usize,
  end: usize,
  y: usize,
  yNext: usize,
  start: v128,
  lowest: v128,
): void {
  let a0 = start;
  let a1 = start;
  let a2 = start;
  let b0 = start;
  let b1 = start;
  let b2 = start;
  for (; list < end; list += 8) {
    const tap = x + load<u32>(list);
    const next = tap + xNext;
    const weight = v128.load32_splat(list, 4);
    a0 = multiplyAdd(v128.load(tap), weight, a0);
    a1 = multiplyAdd(v128.load(tap, 16), weight, a1);
    a2 = multiplyAdd(v128.load(tap, 32), weight, a2);
    b0 = multiplyAdd(v128.load(next), weight, b0);
    b1 = multiplyAdd(v128.load(next, 16), weight, b1);
    b2 = multiplyAdd(v128.load(next, 32), weight, b2);
  }
  v128.store(y, f32x4.pmax(a0, lowest));
  v128.store(y, f32x4.pmax(a1, lowest), 16);
  v128.store(y, f32x4.pmax(a2, lowest), 32);
  y += yNext;
  v128.store(y, f32x4.pmax(b0, lowest));
  v128.store(y, f32x4.pmax(b1, lowest), 16);
  v128.store(y, f32x4.pmax(b2, lowest), 32);
}

function tile8(
  x: usize,
  xNext: usize,
  list: usize,
  end: usize,
  y: usize,
  yNext: usize,
  start: v128,
  lowest: v128,
): void {
  let a0 = start;
  let a1 = start;
  let b0 = start;
  let b1 = start;
  for (; list < end; list += 8) {
    const tap = x + load<u32>(list);
    const next = tap + xNext;
    const weight = v128.load32_splat(list, 4);
    a0 = multiplyAdd(v128.load(tap), weight, a0);
    a1 = multiplyAdd(v128.load(tap, 16), weight, a1);
    b0 = multiplyAdd(v128.load(next), weight, b0);
    b1 = multiplyAdd(v128.load(next, 16), weight, b1);
  }
  v128.store(y, f32x4.pmax(a0, lowest));
  v128.store(y, f32x4.pmax(a1, lowest), 16);
  y += yNext;
  v128.store(y, f32x4.pmax(b0, lowest));
  v128.store(y, f32x4.pmax(b1, lowest), 16);
}

function tile4(
  x: usize,
  xNext: usize,
  list: usize,
  end: usize,
  y: usize,
  yNext: usize,
  start: v128,
  lowest: v128,
): void {
  let a0 = start;
  let b0 = start;
  for (; list < end; list += 8) {
    const tap = x + load<u32>(list);
    const weight = v128.load32_splat(list, 4);
    a0 = multiplyAdd(v128.load(tap), weight, a0);
    b0 = multiplyAdd(v128.load(tap + xNext), weight, b0);
  }
  v128.store(y, f32x4.pmax(a0, lowest));
  v128.store(y + yNext, f32x4.pmax(b0, lowest));
}
