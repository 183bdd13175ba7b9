import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSliceKey, sliceKey } from '../../src/checkpoint/ordered-code.ts';
import { TensorSliceProtoSchema } from '../../src/wire/protos.ts';

const key = (name: string, ...extent: { start?: bigint; length?: bigint }[]) =>
  sliceKey(
    name,
    create(TensorSliceProtoSchema, {
      extent: extent.map(({ start = 0n, length }) => ({
        start,
        ...(length === undefined ? {} : { hasLengthHack: { case: 'length' as const, value: length } }),
      })),
    }),
  );
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

// 0, the name ended by 0001, the rank as a length and a byte, then start and length of each axis.
test.each<[start: bigint, length: bigint | undefined, code: string]>([
  [0n, 63n, '80bf'],
  [0n, undefined, '807f'],
  [1n, 64n, '81c040'],
  [-64n, -65n, '403fbf'],
  [8191n, 8192n, 'dfffe02000'],
  [0n, 2n ** 63n - 1n, '80ffc07fffffffffffffff'],
  [0n, -(2n ** 63n), '80003f8000000000000000'],
])('a slice from %s of %s elements ends in %s', (start, length, code) => {
  expect(hex(key('w', length === undefined ? { start } : { start, length }))).toBe(`007700010101${code}`);
});

test('zeros in a name are escaped, so that its end is known', () => {
  expect(hex(key('a\0b'))).toBe('006100ff62000100');
});

test('keys compare as the numbers in them do', () => {
  fc.assert(
    fc.property(int64, int64, (a, b) => {
      const order = Buffer.compare(key('w', { start: a }), key('w', { start: b }));
      expect(order).toBe(Math.sign(Number(a - b)));
    }),
  );
});

test("a slice's key is told apart from a variable's name", () => {
  expect(isSliceKey(key('w', {}))).toBe(true);
  expect(isSliceKey(Buffer.from('w'))).toBe(false);
  expect(isSliceKey(new Uint8Array())).toBe(false);
});
