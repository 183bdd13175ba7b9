import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brokenLines, escaped, shownName } from '../../src/cli/shown-name.ts';
import { columnsOf } from '../../src/cli/table.ts';

const LENGTHS = [1, 2, 11, 12, 80, 240, 241, 297, 379, 1000, 1920, 1921, 5000];
const PIECES = {
  plain: 'a',
  slashes: 'scope/',
  wide: '\u5377',
  emoji: '\u{1f469}\u200d\u{1f680}',
  control: '\u001b',
};

describe.each(Object.entries(PIECES))('names of %s', (_, piece) => {
  test.each(LENGTHS)('of %i units fit their lines', (length) => {
    const name = piece.repeat(length).slice(0, length);
    const shown = shownName(name);
    expect(columnsOf(shown)).toBeLessThanOrEqual(240);
    for (const width of [3, 12, 40]) {
      const lines = brokenLines(shown, width);
      expect(Math.max(...lines.map((line) => columnsOf(line)))).toBeLessThanOrEqual(Math.max(width, 3));
      expect(lines.map((line, index) => (index > 0 ? line.slice(1) : line)).join('')).toBe(shown);
    }
  });
});

test('lines are broken at slashes where there are any', () => {
  expect(brokenLines('tower_0/conv1/weights', 12)).toEqual(['tower_0/', ' conv1/', ' weights']);
  expect(brokenLines('abcdefgh', 4)).toEqual(['abcd', ' efg', ' h']);
});

test('what is short is shown whole, what is long by its two ends', () => {
  expect(shownName('conv1/weights')).toBe('conv1/weights');
  const long = shownName(`first/${'x'.repeat(5000)}/weights`);
  expect(long).toMatch(/^first\/x+\.\.\.x+\/weights$/);
  expect(long).toHaveLength(240);
});

test('what a terminal would obey, or nobody would see, is escaped', () => {
  expect(escaped('a\nb\t\u001b[31m\u202ec\u2028\ud800')).toBe('a\\nb\\t\\u001b[31m\\u202ec\\u2028\\ud800');
  expect(escaped('\u00e9\u5377\u{1f600}')).toBe('\u00e9\u5377\u{1f600}');
});

test('any text at all', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 3, max: 80 }),
      (text, width) => {
        const shown = shownName(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(columnsOf(shown)).toBeLessThanOrEqual(240);
        for (const line of brokenLines(shown, width)) expect(columnsOf(line)).toBeLessThanOrEqual(width);
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});
