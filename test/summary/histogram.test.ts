import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogramProto } from '../../src/summary/histogram.ts';
import { BUCKET_COUNT, BUCKET_LIMITS, countByBucket } from '../../src/summary/histogram-buckets.ts';

const DBL_MAX = Number.MAX_VALUE;

describe('bucket limits', () => {
  it('are 774 powers of both signs, zero and the largest floats', () => {
    // The least n with 1e-12 * 1.1^n >= 1e20 is ceil(32 * ln 10 / ln 1.1) = 774.
    expect(BUCKET_COUNT).toBe(2 * (774 + 1) + 1);
    expect(BUCKET_LIMITS[775]).toBe(0);
    expect([...BUCKET_LIMITS.subarray(776, 779)]).toEqual([
      1e-12, 1.1000000000000002e-12, 1.2100000000000003e-12,
    ]);
    expect([...BUCKET_LIMITS.subarray(-2)]).toEqual([9.9207756218597835e19, DBL_MAX]);
    expect(BUCKET_LIMITS.toReversed().map((limit) => -limit + 0)).toEqual(BUCKET_LIMITS);
  });
});

describe('countByBucket', () => {
  /** The bucket by its definition: the first whose limit is above the value. */
  const bucketOf = (value: number) => BUCKET_LIMITS.findIndex((limit) => value < limit || limit === DBL_MAX);

  it('counts each value in the bucket below whose limit it lies', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    const likely = fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: -45, max: 75 }));
    const value = fc.oneof(
      finite,
      likely.map(([mantissa, exponent]) => mantissa * 2 ** exponent),
    );
    fc.assert(
      fc.property(value, (value) => {
        expect(countByBucket([value]).indexOf(1)).toBe(bucketOf(value));
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('is right at each limit and at the floats beside it', () => {
    const bits = new BigInt64Array(1);
    const float = new Float64Array(bits.buffer);
    const moved = (value: number, by: bigint) => {
      float[0] = value;
      bits[0]! += by;
      return float[0]!;
    };
    const below = (limit: number) => moved(limit, limit > 0 ? -1n : 1n);
    const inner = BUCKET_LIMITS.subarray(1, -1).filter((limit) => limit !== 0);
    const atLimits = countByBucket(inner);
    const belowLimits = countByBucket(inner.map(below));
    inner.forEach((limit) => {
      const index = BUCKET_LIMITS.indexOf(limit);
      expect(atLimits[index + 1]).toBe(1);
      expect(belowLimits[index]).toBe(1);
    });
    expect(countByBucket([-0, 0, Number.MIN_VALUE])[776]).toBe(3);
    expect(countByBucket([-Number.MIN_VALUE])[775]).toBe(1);
    expect(countByBucket([-DBL_MAX])[1]).toBe(1);
    expect(countByBucket([DBL_MAX])[BUCKET_COUNT - 1]).toBe(1);
  });

  it('sets apart what is not finite', () => {
    const counts = countByBucket([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -Number.NaN,
      1,
    ]);
    expect(counts[BUCKET_COUNT]).toBe(4);
  });
});

describe('histogramProto', () => {
  // Expected messages are those of TensorFlow's HistogramSummary.
  it('merges runs of empty buckets', () => {
    expect(histogramProto('h', Float32Array.of(0, 0, 1, -1, 2.5))).toMatchObject({
      min: -1,
      max: 2.5,
      num: 5,
      sum: 2.5,
      sumSquares: 8.25,
      bucketLimit: [
        -1.0089710279437536,
        -0.917246389039776,
        0,
        1e-12,
        0.917246389039776,
        1.0089710279437536,
        2.3791009056258718,
        2.6170109961884593,
        DBL_MAX,
      ],
      bucket: [0, 1, 0, 2, 0, 1, 0, 1, 0],
    });
  });

  it('counts next to zero and beyond the last power', () => {
    expect(histogramProto('h', [1e-13, -1e-13, 1e-12, -1e-12, 1e30, -0])).toMatchObject({
      min: -1e-12,
      max: 1e30,
      num: 6,
      sum: 1e30,
      sumSquares: 1.0000000000000001e60,
      bucketLimit: [-1e-12, 0, 1e-12, 1.1000000000000002e-12, 9.9207756218597835e19, DBL_MAX],
      bucket: [0, 2, 2, 1, 0, 1],
    });
  });

  it('has one empty bucket when there are no values', () => {
    expect(histogramProto('h', [])).toMatchObject({
      min: DBL_MAX,
      max: -DBL_MAX,
      num: 0,
      sum: 0,
      sumSquares: 0,
      bucketLimit: [DBL_MAX],
      bucket: [0],
    });
  });

  it('refuses what is not finite, and says where it is', () => {
    const histogram = () => histogramProto('conv1/weights', Float32Array.of(1, 2, Number.NaN));
    expect(histogram).toThrow(expect.objectContaining({ name: 'UserError', code: 'argument' }));
    expect(histogram).toThrow('histogram conv1/weights: value 2 is NaN, expected finite values');
    expect(() => histogramProto('h', [Number.NEGATIVE_INFINITY])).toThrow('value 0 is -Infinity');
  });
});
