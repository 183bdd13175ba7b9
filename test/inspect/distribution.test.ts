import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distribution } from '../../src/inspect/distribution.ts';

test('zeros are counted apart, and bins lie evenly on both sides of 0', () => {
  const { zeros, notFinite, edges, counts } = distribution([0, -0, 0.5, 1, -0.25, 0, Number.NaN]);
  expect({ zeros, notFinite }).toEqual({ zeros: 3, notFinite: 1 });
  expect([edges[0], edges[12], edges[24]]).toEqual([-1, 0, 1]);
  expect(counts).toHaveLength(24);
  expect([counts[9], counts[18], counts[23]]).toEqual([1, 1, 1]);
});

test('values of one sign fill all bins', () => {
  expect(distribution([1, 2]).edges[0]).toBe(0);
  expect(distribution([-1, -2]).edges.at(-1)).toBe(0);
});

test('nothing but zeros, or nothing at all, has empty bins', () => {
  for (const values of [[0, 0], []]) {
    const { zeros, counts } = distribution(values);
    expect(zeros).toBe(values.length);
    expect(Math.max(...counts)).toBe(0);
  }
});

test('every value is in the bin between whose edges it lies', () => {
  const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 60 });
  fc.assert(
    fc.property(values, (numbers) => {
      const { zeros, edges, counts } = distribution(numbers);
      const survivors = numbers.filter((value) => value !== 0);
      expect(zeros).toBe(numbers.length - survivors.length);
      counts.forEach((count, bin) => {
        const last = bin === counts.length - 1;
        const within = (value: number) =>
          value >= edges[bin]! && (value < edges[bin + 1]! || (last && value <= edges[bin + 1]!));
        expect(count).toBe(survivors.filter(within).length);
      });
    }),
    { seed: 1 },
  );
});
