import { multiplyAdd } from './lanes';

/**
 * Correlates planes with weights, three output channels at a time:
 * y[c][r][j] = max(floor, bias[c] + sum over taps t of w[t][c] * x[r * xRow + taps[t] + j]).
 *
 * A tile of three channels by twelve columns takes nine accumulators, three loads and three splats: all the vector registers V8 hands
 * out on x86-64. Columns are computed in fours, so up to three values beyond a row's end are overwritten, and read beyond x's.
 *
 * @param x byte offset of the input at row 0, tap offset 0
 * @param y byte offset of channel 0, row 0 of the output
 * @param xRow bytes from one output row's input to the next
 * @param yRow bytes between output rows
 * @param yPlane bytes between output channels
 * @param taps byte offsets into x, u32, one a tap
 * @param weights [tapCount][3] float32 for each block
 * @param weightsStride bytes from one block's weights to the next
 * @param blocks how many times three channels
 * @param bias [3 * blocks] float32
 * @param floor float32 below which no output falls: 0 for ReLU, -Infinity for none
 */
export function convDense(
  x: usize,
  y: usize,
  rows: usize,
  columns: usize,
  xRow: usize,
  yRow: usize,
  yPlane: usize,
  taps: usize,
  tapCount: usize,
  weights: usize,
  weightsStride: usize,
  blocks: usize,
  bias: usize,
  floor: usize,
): void {
  const end = taps + 4 * tapCount;
  const lowest = v128.load32_splat(floor);
  for (let block: usize = 0; block < blocks; block++) {
    for (let row: usize = 0; row < rows; row++) {
      const yTile = y + row * yRow;
      const xTile = x + row * xRow;
      let column: usize = 0;
      for (; column + 8 < columns; column += 12) {
        tile12(xTile + 4 * column, taps, end, weights, yTile + 4 * column, yPlane, bias, lowest);
      }
      if (column + 4 < columns)
        tile8(xTile + 4 * column, taps, end, weights, yTile + 4 * column, yPlane, bias, lowest);
      else if (column < columns)
        tile4(xTile + 4 * column, taps, end, weights, yTile + 4 * column, yPlane, bias, lowest);
    }
    weights += weightsStride;
    bias += 12;
    y += 3 * yPlane;
  }
}

function tile12(
  x: usize,
  taps: usize,
  end: usize,
  weights: usize,
  y: usize,
  yPlane: usize,
  bias: usize,
  lowest: v128,
): void {
  let a0 = v128.load32_splat(bias);
  let b0 = v128.load32_splat(bias, 4);
  let c0 = v128.load32_splat(bias, 8);
  let a1 = a0;
  let a2 = a0;
  let b1 = b0;
  let b2 = b0;
  let c1 = c0;
  let c2 = c0;
  for (; taps < end; taps += 4, weights += 12) {
    const tap = x + load<u32>(taps);
    const x0 = v128.load(tap);
    const x1 = v128.load(tap, 16);
    const x2 = v128.load(tap, 32);
    const a = v128.load32_splat(weights);
    const b = v128.load32_splat(weights, 4);
    const c = v128.load32_splat(weights, 8);
    a0 = multiplyAdd(x0, a, a0);
    a1 = multiplyAdd(x1, a, a1);
    a2 = multiplyAdd(x2, a, a2);
    b0 = multiplyAdd(x0, b, b0);
    b1 = multiplyAdd(x1, b, b1);
    b2 = multiplyAdd(x2, b, b2);
    c0 = multiplyAdd(x0, c, c0);
    c1 = multiplyAdd(x1, c, c1);
    c2 = multiplyAdd(x2, c, c2);
  }
  v128.store(y, f32x4.pmax(a0, lowest));
  v128.store(y, f32x4.pmax(a1, lowest), 16);
  v128.store(y, f32x4.pmax(a2, lowest), 32);
  y += yPlane;
  v128.store(y, f32x4.pmax(b0, lowest));
  v128.store(y, f32x4.pmax(b1, lowest), 16);
  v128.store(y, f32x4.pmax(b2, lowest), 32);
  y += yPlane;
  v128.store(y, f32x4.pmax(c0, lowest));
  v128.store(y, f32x4.pmax(c1, lowest), 16);
  v128.store(y, f32x4.pmax(c2, lowest), 32);
}

function tile8(
  x: usize,
  taps: usize,
  end: usize,
  weights: usize,
  y: usize,
  yPlane: usize,
  bias: usize,
  lowest: v128,
): void {
  let a0 = v128.load32_splat(bias);
  let b0 = v128.load32_splat(bias, 4);
  let c0 = v128.load32_splat(bias, 8);
  let a1 = a0;
  let b1 = b0;
  let c1 = c0;
  for (; taps < end; taps += 4, weights += 12) {
    const tap = x + load<u32>(taps);
    const x0 = v128.load(tap);
    const x1 = v128.load(tap, 16);
    const a = v128.load32_splat(weights);
    const b = v128.load32_splat(weights, 4);
    const c = v128.load32_splat(weights, 8);
    a0 = multiplyAdd(x0, a, a0);
    a1 = multiplyAdd(x1, a, a1);
    b0 = multiplyAdd(x0, b, b0);
    b1 = multiplyAdd(x1, b, b1);
    c0 = multiplyAdd(x0, c, c0);
    c1 = multiplyAdd(x1, c, c1);
  }
  v128.store(y, f32x4.pmax(a0, lowest));
  v128.store(y, f32x4.pmax(a1, lowest), 16);
  y += yPlane;
  v128.store(y, f32x4.pmax(b0, lowest));
  v128.store(y, f32x4.pmax(b1, lowest), 16);
  y += yPlane;
  v128.store(y, f32x4.pmax(c0, lowest));
  v128.store(y, f32x4.pmax(c1, lowest), 16);
}

function tile4(
  x: usize,
  taps: usize,
  end: usize,
  weights: usize,
  y: usize,
  yPlane: usize,
  bias: usize,
  lowest: v128,
): void {
  let a0 = v128.load32_splat(bias);
  let b0 = v128.load32_splat(bias, 4);
  let c0 = v128.load32_splat(bias, 8);
  for (; taps < end; taps += 4, weights += 12) {
    const x0 = v128.load(x + load<u32>(taps));
    a0 = multiplyAdd(x0, v128.load32_splat(weights), a0);
    b0 = multiplyAdd(x0, v128.load32_splat(weights, 4), b0);
    c0 = multiplyAdd(x0, v128.load32_splat(weights, 8), c0);
  }
  v128.store(y, f32x4.pmax(a0, lowest));
  v128.store(y + yPlane, f32x4.pmax(b0, lowest));
  v128.store(y + 2 * yPlane, f32x4.pmax(c0, lowest));
}
