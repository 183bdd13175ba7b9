import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyMask, magnitudeMask, sparsity } from '../../src/pruning/mask.ts';
import {
  kthLargestMagnitude,
  nextAbove,
  smoothThreshold,
  survivorCount,
} from '../../src/pruning/threshold.ts';

const f32 = (...values: number[]) => Float32Array.from(values);
const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
const weights = fc.array(finite, { minLength: 1, maxLength: 40 }).map((values) => f32(...values));
const fraction = fc.float({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the number of survivors', () => {
  it.each([
    [10, 0, 10],
    [10, 0.5, 5],
    [1, 0.5, 0],
    [3, 0.5, 2],
    [5, 0.5, 2],
    [7, 0.5, 4],
    [9, 0.5, 4],
    [2, 0.75, 0],
    [6, 0.75, 2],
    [10, 0.75, 2],
    [4, 0.9, 0],
    [1000, 0.9, 100],
    [884_736, 0.75, 221_184],
  ])('of %i weights at sparsity %f is %i', (count, sparsity, survivors) => {
    expect(survivorCount(count, Math.fround(sparsity))).toBe(survivors);
  });

  it('is rounded in float32, not in float64', () => {
    // The 884,736 weights of local3: 869,695.487 in float64 is 869,695.5 in float32, 866,156.544 is 866,156.5.
    expect(survivorCount(884_736, Math.fround(0.017))).toBe(869_696);
    expect(survivorCount(884_736, Math.fround(0.021))).toBe(866_156);
    // Half of 16,777,215 is 8,388,607.5, a float32, and the even neighbour is above.
    expect(survivorCount(16_777_215, 0.5)).toBe(8_388_608);
    // 16,777,217 is no float32: TensorFlow counts 16,777,216.
    expect(survivorCount(16_777_217, 0)).toBe(16_777_216);
  });

  it('never exceeds the number of weights, even where float32 rounds that up', () => {
    expect(Math.fround(16_777_219)).toBe(16_777_220);
    expect(survivorCount(16_777_219, 0)).toBe(16_777_219);
  });
});

describe('the k-th largest magnitude', () => {
  it.each([
    [f32(3, -1, 2), 1, 3],
    [f32(3, -1, 2), 2, 2],
    [f32(3, -1, 2), 3, 1],
    [f32(-5), 1, 5],
    [f32(-0, 0), 2, 0],
    [f32(2, -2, 2, 1), 3, 2],
    [f32(1e-45, 3.4e38, -1e-38), 2, Math.fround(1e-38)],
    [f32(1, 1 + 2 ** -23, 1 + 2 ** -22), 2, 1 + 2 ** -23],
  ])('of %o, k = %i', (values, k, expected) => {
    expect(kthLargestMagnitude(values, k)).toBe(expected);
  });

  it('is what sorting finds', () => {
    fc.assert(
      fc.property(weights, fc.nat(), (values, drawn) => {
        const k = 1 + (drawn % values.length);
        const descending = [...values].map(Math.abs).sort((a, b) => b - a);
        expect(kthLargestMagnitude(values, k)).toBe(descending[k - 1]);
      }),
    );
  });

  it('reads a view into a larger buffer and changes nothing', () => {
    const buffer = f32(100, -1, 2, -3, 100);
    expect([1, 2, 3].map((k) => kthLargestMagnitude(buffer.subarray(1, 4), k))).toEqual([3, 2, 1]);
    expect([...buffer]).toEqual([100, -1, 2, -3, 100]);
  });
});

describe('the decay of thresholds', () => {
  it.each([
    [0.5, 0.25, 0, 0.5],
    [0.5, 0.25, 0.5, 0.375],
    [1, 0, 0.75, 0.25],
  ])('makes of %f after %f with decay %f the threshold %f', (current, previous, decay, expected) => {
    expect(smoothThreshold(current, previous, decay)).toBe(expected);
  });

  it('is float32 at each operation, as in TensorFlow', () => {
    expect(smoothThreshold(Math.fround(0.1), Math.fround(0.3), 0.1)).toBe(0.11999999731779099);
  });
});

describe('a mask', () => {
  it('keeps the largest magnitudes of either sign', () => {
    const { mask, threshold } = magnitudeMask(f32(0.1, -0.4, 0.3, -0.2), 0.5, 0, 0);
    expect([...mask]).toEqual([0, 1, 1, 0]);
    expect(threshold).toBe(Math.fround(0.3));
  });

  it('keeps everything at sparsity 0', () => {
    const { mask, threshold } = magnitudeMask(f32(0.5, 0, -0.25), 0, 0, 0);
    expect([...mask]).toEqual([1, 1, 1]);
    expect(threshold).toBe(0);
  });

  it('keeps all that equal the smallest survivor', () => {
    expect([...magnitudeMask(f32(1, -1, 1, 2), 0.5, 0, 0).mask]).toEqual([1, 1, 1, 1]);
    expect([...magnitudeMask(f32(0.5, 0.5, 0.5, 0.5), 0.75, 0, 0).mask]).toEqual([1, 1, 1, 1]);
    expect([...magnitudeMask(f32(0, -0, 0), 0.5, 0, 0).mask]).toEqual([1, 1, 1]);
  });

  it('follows the smoothed threshold', () => {
    // Half of 4 weights would survive at 3, but the threshold is 3 * 0.25 + 1 * 0.75 = 1.5.
    const { mask, threshold } = magnitudeMask(f32(1, 2, 3, 4), 0.5, 1, 0.75);
    expect(threshold).toBe(1.5);
    expect([...mask]).toEqual([0, 1, 1, 1]);
  });

  it.each([
    [f32(0.5), 0.5],
    [f32(0.5, -0.5), 0.75],
    [f32(0, 0), 0.9],
    [f32(1, -4, 2, 3), 0.9],
  ])('of %o at sparsity %f masks everything when no survivor is left', (values, target) => {
    const { mask, threshold } = magnitudeMask(values, Math.fround(target), 0.1, 0.5);
    expect(mask.every((value) => value === 0)).toBe(true);
    expect(threshold).toBe(nextAbove(Math.max(...values.map(Math.abs))));
  });

  it('of one weight keeps it below sparsity 0.5', () => {
    expect([...magnitudeMask(f32(-3), Math.fround(0.49), 0, 0).mask]).toEqual([1]);
  });

  it('has at least k survivors, none of them smaller than a masked weight', () => {
    fc.assert(
      fc.property(weights, fraction, (values, target) => {
        const { mask, threshold } = magnitudeMask(values, target, 0, 0);
        const k = survivorCount(values.length, target);
        const survivors = values.filter((_, index) => mask[index] === 1).map(Math.abs);
        const masked = values.filter((_, index) => mask[index] === 0).map(Math.abs);
        expect(survivors.length + masked.length).toBe(values.length);
        if (k === 0) expect(survivors.length).toBe(0);
        else expect(survivors.length).toBeGreaterThanOrEqual(k);
        expect(survivors.filter((value) => value > threshold).length).toBeLessThan(Math.max(k, 1));
        for (const value of survivors) expect(value).toBeGreaterThanOrEqual(threshold);
        for (const value of masked) expect(value).toBeLessThan(threshold);
      }),
    );
  });

  it('grows with sparsity', () => {
    fc.assert(
      fc.property(weights, fraction, fraction, (values, one, other) => {
        const dense = magnitudeMask(values, Math.min(one, other), 0, 0).mask;
        const sparse = magnitudeMask(values, Math.max(one, other), 0, 0).mask;
        expect(sparse.every((value, index) => value <= dense[index]!)).toBe(true);
      }),
    );
  });
});

describe('a mask in use', () => {
  it('has a sparsity', () => {
    expect(sparsity(f32(1, 0, 0, 0))).toBe(0.75);
    expect(sparsity(f32(1, 1))).toBe(0);
  });

  it('leaves +0 where it masks and the other bits as they are', () => {
    const weights = f32(-1, -2, 0.1, -0);
    const masked = applyMask(weights, f32(0, 1, 1, 0));
    expect(masked).toEqual(f32(0, -2, 0.1, 0));
    expect(Object.is(masked[0], 0) && Object.is(masked[3], 0)).toBe(true);
    expect(weights).toEqual(f32(-1, -2, 0.1, -0));
  });
});
