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
  // Repeated multiplication, not a power: TensorFlow's limits contain the rounding of every multiplication.
  for (let limit = SMALLEST_LIMIT; limit < LARGEST_LIMIT; limit *= GROWTH) positive.push(limit);
  positive.push(Number.MAX_VALUE);
  return Float64Array.from([...positive.map((limit) => -limit).reverse(), 0, ...positive]);
}

// The top 16 bits of a float64 are its sign, its exponent and 4 bits of its mantissa. Values with the same top bits differ
// by less than 1/16, and limits by 1/10, so at most one limit lies among these values.
const TOP_BITS = 16;
const SIGN = 1 << (TOP_BITS - 1);
const NOT_FINITE = 0x7ff0;

/**
 * For each value of a float64's top 16 bits, the bucket of the lowest number that has them. NaN and infinities have a bucket
 * of their own, after the last.
 */
const lowestBuckets = tabulateLowestBuckets();

/** BUCKET_LIMITS, except that the last bucket also takes DBL_MAX, and that the bucket after it has no limit. */
const searchLimits = Float64Array.of(...BUCKET_LIMITS.subarray(0, -1), Number.POSITIVE_INFINITY, Number.NaN);

function tabulateLowestBuckets(): Uint16Array {
  const table = new Uint16Array(1 << TOP_BITS).fill(BUCKET_COUNT);
  const view = new DataView(new ArrayBuffer(8));
  const lowestValue = (topBits: number) => {
    // The lowest of the negative numbers has the largest magnitude: all lower bits are set.
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
 * Counts values by bucket, with one table look-up and one comparison for each value.
 *
 * @returns BUCKET_COUNT counts, then the count of values that are NaN or infinite
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
