import { expect, test } from 'vitest';
import { median, takeRounds } from '../../bench/src/rounds.ts';

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([3])).toBe(3);
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 2, 4, 1])).toBe(3);
});

test('every round takes samples of every entry, one after the other, and begins with another', async () => {
  const turns: string[] = [];
  const entry = (name: string) => ({
    measure: async () => {
      turns.push(name);
      return [turns.length, -turns.length];
    },
  });
  const rounds: number[] = [];
  const samples = await takeRounds([entry('a'), entry('b'), entry('c')], 3, (round) => rounds.push(round));
  expect(turns.join('')).toBe('abcbcacab');
  expect(samples).toEqual([
    [1, -1, 6, -6, 8, -8],
    [2, -2, 4, -4, 9, -9],
    [3, -3, 5, -5, 7, -7],
  ]);
  expect(rounds).toEqual([0, 1, 2]);
});
