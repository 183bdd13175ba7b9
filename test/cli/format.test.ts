import { expect, test } from 'vitest';
import { formatBytes, formatDuration, formatPercent, formatTime } from '../../src/cli/format.ts';

test.each([
  [0.4, '0s'],
  [59.4, '59s'],
  [59.6, '1m00s'],
  [134, '2m14s'],
  [3599.6, '1h00m'],
  [11_130, '3h05m'],
  [176_400, '2d01h'],
])('%d seconds are %s', (seconds, expected) => {
  expect(formatDuration(seconds)).toBe(expected);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.00 kB'],
  [4_270_336, '4.27 MB'],
  [5e12, '5000.00 GB'],
])('%d bytes are %s', (bytes, expected) => {
  expect(formatBytes(bytes)).toBe(expected);
});

test('a fraction is shown in percent', () => {
  expect(formatPercent(0.8999)).toBe('90.0%');
});

test('a time is local and padded', () => {
  expect(formatTime(new Date(2026, 0, 2, 3, 4, 5, 6))).toBe('2026-01-02 03:04:05.006000');
});
