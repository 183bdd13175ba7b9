import { describe, expect, test } from 'vitest';
import { maskedCrc32c } from '../../src/wire/crc32c.ts';

const MASK_DELTA = 0xa282ead8;

function unmask(masked: number): number {
  const rotated = (masked - MASK_DELTA) >>> 0;
  return ((rotated << 15) | (rotated >>> 17)) >>> 0;
}

describe('CRC-32C of RFC 3720, appendix B.4, under the mask', () => {
  test.each([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 to 31', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
    ['31 to 0', Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
  ])('%s', (_, bytes, crc) => {
    expect(unmask(maskedCrc32c(bytes))).toBe(crc);
  });
});

test('no bytes give the mask alone', () => {
  expect(maskedCrc32c(new Uint8Array())).toBe(MASK_DELTA);
});

test('chunks count as the bytes they make together', () => {
  const bytes = Uint8Array.from({ length: 40 }, (_, index) => (index * 37) & 0xff);
  expect(maskedCrc32c(bytes.subarray(0, 7), bytes.subarray(7, 7), bytes.subarray(7))).toBe(
    maskedCrc32c(bytes),
  );
});

test('a view into a larger buffer counts its own bytes only', () => {
  const bytes = Uint8Array.of(9, 1, 2, 3, 9);
  expect(maskedCrc32c(bytes.subarray(1, 4))).toBe(maskedCrc32c(Uint8Array.of(1, 2, 3)));
});
