import { expect, test } from 'vitest';
import { slidingAlong } from '../../src/engine/sliding.ts';

test.each([
  ['SAME', 24, 5, 1, { outputs: 24, before: 2, after: 2 }],
  ['SAME', 24, 3, 2, { outputs: 12, before: 0, after: 1 }],
  ['SAME', 5, 4, 3, { outputs: 2, before: 1, after: 1 }],
  ['SAME', 7, 1, 3, { outputs: 3, before: 0, after: 0 }],
  ['VALID', 24, 5, 1, { outputs: 20, before: 0, after: 0 }],
  ['VALID', 7, 3, 2, { outputs: 3, before: 0, after: 0 }],
  ['VALID', 2, 5, 1, { outputs: 0, before: 0, after: 0 }],
] as const)('%s over %i values, a window of %i every %i', (padding, extent, window, stride, positions) => {
  expect(slidingAlong(extent, window, stride, padding)).toEqual(positions);
});
