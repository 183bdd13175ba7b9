const MAGNITUDE_BITS = 0x7fffffff;

/**
 * The number of `count` weights that survive: count * (1 - sparsity) in float32, rounded half to even. At sparsity 0.5, 2 of 5
 * weights survive (2.5), and 4 of 7 (3.5).
 */
export function survivorCount(count: number, sparsity: number): number {
  const product = Math.fround(Math.fround(count) * Math.fround(1 - sparsity));
  // Above 2^24, float32 may round `count` itself up.
  return Math.min(count, roundHalfToEven(product));
}

/**
 * The k-th largest |value|, for k from 1 to the number of values. No value may be NaN.
 *
 * Without their sign, float32 values have the same order as their bits. So counting the values by their upper 16 bits finds those
 * of the result, and counting again finds the lower 16. For the 884,736 weights of local3 this is about thirty times as fast as
 * sorting them.
 */
export function kthLargestMagnitude(values: Float32Array, k: number): number {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);

  const uppers = new Uint32Array(1 << 15);
  for (let i = 0; i < bits.length; i++) uppers[(bits[i]! & MAGNITUDE_BITS) >>> 16]! += 1;
  const upper = selectFromTop(uppers, k);

  const lowers = new Uint32Array(1 << 16);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i]!;
    if ((word & MAGNITUDE_BITS) >>> 16 === upper.bucket) lowers[word & 0xffff]! += 1;
  }
  const lower = selectFromTop(lowers, upper.rank);

  return fromBits((upper.bucket << 16) | lower.bucket);
}

/** The smallest float32 above a finite `value` >= 0. */
export function nextAbove(value: number): number {
  return fromBits(new Uint32Array(Float32Array.of(value).buffer)[0]! + 1);
}

/** The moving average of thresholds, computed in float32 as in TensorFlow. `decay` is a float64 in [0, 1). */
export function smoothThreshold(current: number, previous: number, decay: number): number {
  const { fround } = Math;
  return fround(fround(current * fround(1 - decay)) + fround(previous * fround(decay)));
}

/** The bucket that contains the item of this rank, and the item's rank within it. Ranks count down from the last bucket. */
function selectFromTop(counts: Uint32Array, rank: number): { bucket: number; rank: number } {
  let bucket = counts.length - 1;
  while (rank > counts[bucket]!) {
    rank -= counts[bucket]!;
    bucket -= 1;
  }
  return { bucket, rank };
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const fraction = value - below;
  if (fraction === 0.5) return below + (below % 2);
  return fraction < 0.5 ? below : below + 1;
}

function fromBits(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0]!;
}
