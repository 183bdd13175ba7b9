import { expect } from 'vitest';

/**
 * Fails unless each value is within `tolerance` of what is expected: relative to it or, if that is more, to a tenth of the
 * largest expected value, since a float32 sum is as exact as its terms.
 */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const scale = Array.from(expected).reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) / 10;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    if (!(error <= tolerance * Math.max(Math.abs(expected[i]!), scale)))
      expect.fail(`value ${i} is ${actual[i]}, expected ${expected[i]} within ${tolerance}`);
  }
}
