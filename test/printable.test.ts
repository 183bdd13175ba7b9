import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../src/errors.ts';
import { printable, printableList } from '../src/printable.ts';

test('a text that can be shown stays as it is', () => {
  for (const text of ['', 'conv1/weights', 'Straße, 日本語, 🙂', 'a'.repeat(80)])
    expect(printable(text)).toBe(text);
});

test('what would break the line or reorder it is escaped', () => {
  expect(printable('\n\r\t\0\u001b[31m\u202e\u2028\ud800')).toBe(
    '\\n\\r\\t\\u{0}\\u{1b}[31m\\u{202e}\\u{2028}\\u{d800}',
  );
});

test('of a long text beginning and end are left', () => {
  expect(printable(`start${'x'.repeat(70_000)}end`, 20)).toBe('startxxxx...xxxxxend');
  expect(printable('\n'.repeat(100), 10)).toBe('\\n\\n...\\n');
});

test('any text becomes one line of the length that is asked for', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 20, max: 200 }),
      (text, length) => {
        const shown = printable(text, length);
        expect(shown.length).toBeLessThanOrEqual(length);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(printable(shown, length)).toBe(shown);
      },
    ),
  );
});

test('of many names a few are listed', () => {
  expect(printableList(['a', 'b', 'c'])).toBe('a, b, c');
  expect(printableList(['a', 'b\n', 'c', 'd', 'e'])).toBe('a, b\\n, c and 2 others');
});

test('an error is one line of bounded length whatever it quotes', () => {
  const { message, hint } = new UserError('graph', `a\n${'b'.repeat(70_149)}`, `c\r${'d'.repeat(70_149)}`);
  expect(message).toMatch(/^a\\nb+\.\.\.b+$/);
  expect(message).toHaveLength(500);
  expect(hint).toMatch(/^c\\rd+\.\.\.d+$/);
});
