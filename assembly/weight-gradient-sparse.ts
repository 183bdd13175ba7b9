import { multiplyAdd, sumOfLanes } from './lanes';

/**
 * Gradient of the weights that `convSparse` lists, summed over images, in the order of the lists. Two rows of twelve columns of dy stay
 * in registers while the channel's list goes by; each weight keeps one partial sum of four lanes. Values of dy between a row's end and
 * the next multiple of four columns must be zero.
 *
 * @param partials scratch, 16 bytes for each weight of the longest list
 * @param gradient float32, channel c's at gradient + c * pairsStride / 2
 * @param accumulate 1 adds to what is there, 0 overwrites it
 */
export function weightGradientSparse(
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
  pairs: usize,
  pairsStride: usize,
  counts: usize,
  channels: usize,
  partials: usize,
  gradient: usize,
  accumulate: usize,
): void {
  for (let channel: usize = 0; channel < channels; channel++) {
    const list = pairs + channel * pairsStride;
    const count: usize = load<u32>(counts + 4 * channel);
    const end = list + 8 * count;
    memory.fill(partials, 0, 16 * count);
    for (let image: usize = 0; image < images; image++) {
      for (let row: usize = 0; row < rows; row += 2) {
        const xTile = x + image * xImage + row * xRow;
        const dyTile = dy + image * dyImage + channel * dyPlane + row * dyRow;
        const pair = row + 1 < rows;
        let column: usize = 0;
        for (; column + 8 < columns; column += 12) {
          const xc = xTile + 4 * column;
          const dc = dyTile + 4 * column;
          if (pair) tile2x12(xc, xRow, dc, dyRow, list, end, partials);
          else tile12(xc, dc, list, end, partials);
        }
        for (; column < columns; column += 4) {
          const xc = xTile + 4 * column;
          const dc = dyTile + 4 * column;
          tile4(xc, dc, list, end, partials);
          if (pair) tile4(xc + xRow, dc + dyRow, list, end, partials);
        }
      }
    }
    const out = gradient + channel * (pairsStride >> 1);
    for (let k: usize = 0; k < count; k++) {
      const sum = sumOfLanes(v128.load(partials + 16 * k));
      store<f32>(out + 4 * k, accumulate ? load<f32>(out + 4 * k) + sum : sum);
    }
  }
}

function tile2x12(
  x: usize,
  xNext: usize,
  dy: usize,
  dyNext: usize,
  list: usize,
  end: usize,
  partials: usize,
): void {
  const a0 = v128.load(dy);
  const a1 = v128.load(dy, 16);
  const a2 = v128.load(dy, 32);
  const b0 = v128.load(dy + dyNext);
  const b1 = v128.load(dy + dyNext, 16);
  const b2 = v128.load(dy + dyNext, 32);
  for (; list < end; list += 8, partials += 16) {
    const tap = x + load<u32>(list);
    const next = tap + xNext;
    let sum = v128.load(partials);
    let other = f32x4.mul(v128.load(next), b0);
    sum = multiplyAdd(v128.load(tap), a0, sum);
    other = multiplyAdd(v128.load(next, 16), b1, other);
    sum = multiplyAdd(v128.load(tap, 16), a1, sum);
    other = multiplyAdd(v128.load(next, 32), b2, other);
    sum = multiplyAdd(v128.load(tap, 32), a2, sum);
    v128.store(partials, f32x4.add(sum, other));
  }
}

function tile12(x: usize, dy: usize, list: usize, end: usize, partials: usize): void {
  const a0 = v128.load(dy);
  const a1 = v128.load(dy, 16);
  const a2 = v128.load(dy, 32);
  for (; list < end; list += 8, partials += 16) {
    const tap = x + load<u32>(list);
    let sum = v128.load(partials);
    sum = multiplyAdd(v128.load(tap), a0, sum);
    sum = multiplyAdd(v128.load(tap, 16), a1, sum);
    sum = multiplyAdd(v128.load(tap, 32), a2, sum);
    v128.store(partials, sum);
  }
}

function tile4(x: usize, dy: usize, list: usize, end: usize, partials: usize): void {
  const a = v128.load(dy);
  for (; list < end; list += 8, partials += 16) {
    v128.store(partials, multiplyAdd(v128.load(x + load<u32>(list)), a, v128.load(partials)));
  }
}
