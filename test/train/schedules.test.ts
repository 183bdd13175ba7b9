import { expect, test } from 'vitest';
import { refuseDivergence, smoothLosses } from '../../src/train/losses.ts';
import { averageDecay, learningRate, STEPS_PER_DECAY } from '../../src/train/schedules.ts';

test('the learning rate falls to a tenth every 350 epochs', () => {
  expect(STEPS_PER_DECAY).toBe(136_718);
  expect(learningRate(0)).toBe(0.1);
  expect(learningRate(136_717)).toBe(0.1);
  expect(learningRate(136_718)).toBeCloseTo(0.01, 12);
});

test('averages follow quickly at first', () => {
  expect(averageDecay(1)).toBe(2 / 11);
  expect(averageDecay(90)).toBe(0.91);
  expect(averageDecay(1_000_000)).toBe(0.9999);
});

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
