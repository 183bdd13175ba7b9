const SMALLEST_LIMIT = 1e-12;
const LARGEST_LIMIT = 1e20;
const GROWTH = 1.1;

/**
 * Upper limits of the buckets of TensorFlow's histograms, ascending: -DBL_MAX, -1e20 ... -1e-12, 0, 1e-12 * 1.1^n ... up to
 * 1e20, DBL_MAX. Bucket i counts values in [limit i-1, limit i).
 */
export const BUCKET_LIMITS: Float64Array = bucketLimits();
export const BUCKET_COUNT = BUCKET_LIMITS.length;

function bucketLimits(): Float64Array {
  const positive: number[] = [];
  // Multiplied up rather than raised to a power: TensorFlow's limits carry the rounding of every multiplication.
  for (let limit = SMALLEST_LIMIT; limit < LARGEST_LIMIT; limit *= GROWTH) positive.push(limit);
  positive.push(Number.MAX_VALUE);
  return Float64Array.from([...positive.map((limit) => -limit).reverse(), 0, ...positive]);
}

// The top 16 bits of a float64 are its sign, its exponent and 4 bits of its mantissa. Values that share them lie within
// 1/16 of one another and limits 1/10 apart, so that at most one limit falls among them.
const TOP_BITS = 16;
const SIGN = 1 << (TOP_BITS - 1);
const NOT_FINITE = 0x7ff0;

/**
 * By the top 16 bits of a float64, the bucket of the lowest value that has them. What is not finite has a bucket of its
 * own, one after the last.
 */
const lowestBuckets = tabulateLowestBuckets();

/** BUCKET_LIMITS, but the last bucket takes DBL_MAX too, and nothing is moved beyond the bucket after it. */
const searchLimits = Float64Array.of(...BUCKET_LIMITS.subarray(0, -1), Number.POSITIVE_INFINITY, Number.NaN);

function tabulateLowestBuckets(): Uint16Array {
  const table = new Uint16Array(1 << TOP_BITS).fill(BUCKET_COUNT);
  const view = new DataView(new ArrayBuffer(8));
  const lowestValue = (topBits: number) => {
    // Of negative values the lowest has the largest magnitude, which is that of all further bits set.
    view.setBigUint64(0, topBits & SIGN ? 0xffff_ffff_ffffn : 0n);
    view.setUint16(0, topBits);
    return view.getFloat64(0);
  };
  let bucket = 0;
  const place = (topBits: number) => {
    const lowest = lowestValue(topBits);
    while (bucket < BUCKET_COUNT - 1 && lowest >= BUCKET_LIMITS[bucket]!) bucket++;
    table[topBits] = bucket;
  };
  for (let magnitude = NOT_FINITE - 1; magnitude >= 0; magnitude--) place(SIGN | magnitude);
  for (let magnitude = 0; magnitude < NOT_FINITE; magnitude++) place(magnitude);
  return table;
}

/**
 * Counts values by bucket: one look into a table and one comparison a value.
 *
 * @returns BUCKET_COUNT counts, and the count of what is NaN or infinite after them
 */
export function countByBucket(values: ArrayLike<number>): Float64Array {
  const counts = new Float64Array(BUCKET_COUNT + 1);
  const view = new DataView(new ArrayBuffer(8));
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    view.setFloat64(0, value);
    const lowest = lowestBuckets[view.getUint16(0)]!;
    counts[value >= searchLimits[lowest]! ? lowest + 1 : lowest]! += 1;
  }
  return counts;
}
