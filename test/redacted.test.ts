import { expect, test } from 'vitest';
import { redacted, redactedAddress } from '../src/redacted.ts';

test.each([
  ['http://user:secret@host/a.tar.gz', 'http://host/a.tar.gz'],
  ['https://token@host', 'https://host'],
  ['two: ftp://u:p@a/x and https://u:p@b/y', 'two: ftp://a/x and https://b/y'],
  ['http://u:p@ss@host/', 'http://host/'],
  ['https://host/a?X-Signature=abc&b=c failed', 'https://host/a?... failed'],
  ['https://host/a#secret', 'https://host/a?...'],
  ['https://host/a.tar.gz is fine, me@host, too', 'https://host/a.tar.gz is fine, me@host, too'],
])('%s is shown as %s', (text, shown) => {
  expect(redacted(text)).toBe(shown);
});

test('an address is shown as it is understood', () => {
  expect(redactedAddress('http:\\\\us er:pa ss@host\\a')).toBe('http://host/a');
  expect(redactedAddress('no address')).toBe('no address');
});

test('a long text takes no time', () => {
  const long = 'a'.repeat(1_000_000);
  expect(redacted(long)).toBe(long);
});
