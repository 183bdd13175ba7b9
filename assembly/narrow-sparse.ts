import { multiplyAdd } from './lanes';

/**
 * `convSparse` on one row of at most four columns, with the same bits: four channels at a time, for on its own a channel would wait for
 * each sum before the next.
 *
 * @param shift the pairs' offsets are divided by 2^shift, for inputs that lie closer together than the lists say
 */
export function narrowSparse(
  x: usize,
  y: usize,
  shift: usize,
  yPlane: usize,
  pairs: usize,
  pairsStride: usize,
  counts: usize,
  channels: usize,
  bias: usize,
  floor: usize,
): void {
  const lowest = v128.load32_splat(floor);
  let channel: usize = 0;
  for (; channel + 4 <= channels; channel += 4) {
    let a = pairs;
    let b = a + pairsStride;
    let c = b + pairsStride;
    let d = c + pairsStride;
    const aCount: usize = 8 * load<u32>(counts);
    const bCount: usize = 8 * load<u32>(counts, 4);
    const cCount: usize = 8 * load<u32>(counts, 8);
    const dCount: usize = 8 * load<u32>(counts, 12);
    const aEnd = a + aCount;
    const bEnd = b + bCount;
    const cEnd = c + cCount;
    const dEnd = d + dCount;
    let p = v128.load32_splat(bias);
    let q = v128.load32_splat(bias, 4);
    let r = v128.load32_splat(bias, 8);
    let s = v128.load32_splat(bias, 12);
    const end = a + min(min(aCount, bCount), min(cCount, dCount));
    for (; a < end; a += 8, b += 8, c += 8, d += 8) {
      p = multiplyAdd(v128.load(x + (load<u32>(a) >> shift)), v128.load32_splat(a, 4), p);
      q = multiplyAdd(v128.load(x + (load<u32>(b) >> shift)), v128.load32_splat(b, 4), q);
      r = multiplyAdd(v128.load(x + (load<u32>(c) >> shift)), v128.load32_splat(c, 4), r);
      s = multiplyAdd(v128.load(x + (load<u32>(d) >> shift)), v128.load32_splat(d, 4), s);
    }
    p = rest(x, shift, a, aEnd, p);
    q = rest(x, shift, b, bEnd, q);
    r = rest(x, shift, c, cEnd, r);
    s = rest(x, shift, d, dEnd, s);
    v128.store(y, f32x4.pmax(p, lowest));
    v128.store(y + yPlane, f32x4.pmax(q, lowest));
    v128.store(y + 2 * yPlane, f32x4.pmax(r, lowest));
    v128.store(y + 3 * yPlane, f32x4.pmax(s, lowest));
    pairs += 4 * pairsStride;
    y += 4 * yPlane;
    counts += 16;
    bias += 16;
  }
  for (; channel < channels; channel++) {
    const sum = rest(x, shift, pairs, pairs + 8 * load<u32>(counts), v128.load32_splat(bias));
    v128.store(y, f32x4.pmax(sum, lowest));
    pairs += pairsStride;
    y += yPlane;
    counts += 4;
    bias += 4;
  }
}

function rest(x: usize, shift: usize, list: usize, end: usize, sum: v128): v128 {
  for (; list < end; list += 8) {
    sum = multiplyAdd(v128.load(x + (load<u32>(list) >> shift)), v128.load32_splat(list, 4), sum);
  }
  return sum;
}
