import { multiplyAdd, sumOfLanes } from './lanes';

/**
 * Gradient of `convDense`'s weights, summed over images:
 * g[t][c] = sum over images, rows r, columns j of x[r * xRow + taps[t] + j] * dy[c][r][j].
 * A tile of three taps by three channels takes nine accumulators. Values of dy between a row's end and the next multiple of four
 * columns must be zero.
 *
 * @param tapCount a multiple of three
 * @param gradient [tapCount][3] float32 for each block
 * @param gradientStride bytes from one block's gradient to the next
 * @param accumulate 1 adds to what is there, 0 overwrites it
 */
export function weightGradientDense(
  x: usize,
  dy: usize,
  images: usize,
  xImage: usize,
  dyImage: usize,
  rows: usize,
  columns: usize,
  xRow: usize,
  dyRow: usize,
  dyPlane: usize,
  taps: usize,
  tapCount: usize,
  blocks: usize,
  gradient: usize,
  gradientStride: usize,
  accumulate: usize,
): void {
  const bytes: usize = 4 * columns;
  const rowEnd = dyRow * rows;
  for (let tap: usize = 0; tap < tapCount; tap += 3) {
    const t = taps + 4 * tap;
    const x0 = x + load<u32>(t);
    const x1 = x + load<u32>(t, 4);
    const x2 = x + load<u32>(t, 8);
    for (let block: usize = 0; block < blocks; block++) {
      let aa = f32x4.splat(0);
      let ab = aa;
      let ac = aa;
      let ba = aa;
      let bb = aa;
      let bc = aa;
      let ca = aa;
      let cb = aa;
      let cc = aa;
      const dyBlock = dy + 3 * block * dyPlane;
      for (let image: usize = 0; image < images; image++) {
        let d = dyBlock + image * dyImage;
        let p = image * xImage;
        for (const end = d + rowEnd; d < end; d += dyRow, p += xRow) {
          for (let j: usize = 0; j < bytes; j += 16) {
            const d0 = d + j;
            const d1 = d0 + dyPlane;
            const d2 = d1 + dyPlane;
            const o = p + j;
            const a = v128.load(x0 + o);
            const b = v128.load(x1 + o);
            const c = v128.load(x2 + o);
            const e = v128.load(d0);
            const f = v128.load(d1);
            const g = v128.load(d2);
            aa = multiplyAdd(a, e, aa);
            ab = multiplyAdd(a, f, ab);
            ac = multiplyAdd(a, g, ac);
            ba = multiplyAdd(b, e, ba);
            bb = multiplyAdd(b, f, bb);
            bc = multiplyAdd(b, g, bc);
            ca = multiplyAdd(c, e, ca);
            cb = multiplyAdd(c, f, cb);
            cc = multiplyAdd(c, g, cc);
          }
        }
      }
      const out = gradient + block * gradientStride + 12 * tap;
      if (!accumulate) memory.fill(out, 0, 36);
      add(out, aa);
      add(out + 4, ab);
      add(out + 8, ac);
      add(out + 12, ba);
      add(out + 16, bb);
      add(out + 20, bc);
      add(out + 24, ca);
      add(out + 28, cb);
      add(out + 32, cc);
    }
  }
}

function add(target: usize, lanes: v128): void {
  store<f32>(target, load<f32>(target) + sumOfLanes(lanes));
}
