import { expect, test } from 'vitest';
import { refuseDivergence, smoothLosses } from '../../src/train/losses.ts';

test('smoothed losses start at 0 and take a tenth of each loss', () => {
  const first = smoothLosses(new Map(), new Map([['total_loss/avg', 4]]));
  expect(first.get('total_loss/avg')).toBeCloseTo(0.4, 6);
  const second = smoothLosses(first, new Map([['total_loss/avg', 2]]));
  expect(second.get('total_loss/avg')).toBeCloseTo(0.56, 6);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('a loss of %d has diverged', (loss) => {
  expect(() => refuseDivergence(loss, 7)).toThrow(
    expect.objectContaining({
      code: 'diverged',
      message: `the loss is ${loss} at step 7: training has diverged`,
      hint: expect.stringContaining('an earlier checkpoint'),
    }),
  );
  expect(() => refuseDivergence(1e30, 7)).not.toThrow();
});
