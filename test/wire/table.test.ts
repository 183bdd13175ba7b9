import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UserError } from '../../src/errors.ts';
import { maskedCrc32c } from '../../src/wire/crc32c.ts';
import { decodeTable, encodeTable } from '../../src/wire/table.ts';
import { BlockBuilder, decodeBlock } from '../../src/wire/table-block.ts';

type Entry = readonly [key: Uint8Array, value: Uint8Array];
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex');
const entry = (key: string, value: string): Entry => [bytes(key), bytes(value)];
const plain = (entries: readonly Entry[]) => entries.map(([key, value]) => [hex(key), hex(value)]);
const outcome = (table: Uint8Array): unknown => {
  try {
    return decodeTable(table);
  } catch (error) {
    return error;
  }
};
const damage = { name: 'UserError', code: 'checkpoint' };

describe('bytes worked out by hand', () => {
  // A block of one restart at 0: 00000000, then their number: 01000000.
  const restarts = '0000000001000000';
  const seal = (block: string) => {
    const crc = Buffer.alloc(4);
    crc.writeUInt32LE(maskedCrc32c(Buffer.from(`${block}00`, 'hex')));
    return `${block}00${crc.toString('hex')}`;
  };
  const magic = '57fb808b247547db';

  test('a table of no entries is two empty blocks and a footer', () => {
    const empty = seal(restarts);
    // Handles: metaindex at 0, index at 13, 8 bytes each.
    const footer = `00080d08${'00'.repeat(36)}${magic}`;
    expect(hex(encodeTable([]))).toBe(empty + empty + footer);
  });

  test('keys share prefixes and the index has the short successor of the last key', () => {
    const data = seal(`000303${hex(bytes('abcxyz'))}020101${hex(bytes('d1'))}${restarts}`);
    // The successor of 'abd' is 'b'; its value is the handle of 22 bytes at 0.
    const index = seal(`000102${hex(bytes('b'))}0016${restarts}`);
    // Data takes 27 bytes with its trailer, the metaindex 13, the index has 14.
    const footer = `1b08280e${'00'.repeat(36)}${magic}`;
    expect(hex(encodeTable([entry('abc', 'xyz'), entry('abd', '1')]))).toBe(
      data + seal(restarts) + index + footer,
    );
  });
});

const someEntries = fc
  .uniqueArray(fc.tuple(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ maxLength: 40 })), {
    selector: ([key]) => hex(key),
    maxLength: 60,
  })
  .map((entries) => entries.sort(([a], [b]) => Buffer.compare(a, b)));

test('any entries come back as they were', () => {
  fc.assert(
    fc.property(someEntries, (entries) => {
      expect(plain(decodeTable(encodeTable(entries)))).toEqual(plain(entries));
    }),
    { numRuns: 200 },
  );
});

test('entries of several blocks come back as they were', () => {
  const entries = Array.from({ length: 60 }, (_, position): Entry => {
    const key = `layer/${String(position).padStart(3, '0')}`;
    return [bytes(key), new Uint8Array(20_000).fill(position)];
  });
  expect(plain(decodeTable(encodeTable(entries)))).toEqual(plain(entries));
});

test('keys that do not ascend are refused', () => {
  expect(() => encodeTable([entry('b', ''), entry('a', '')])).toThrow(RangeError);
  expect(() => encodeTable([entry('a', ''), entry('a', '')])).toThrow(RangeError);
});

describe('a damaged table is an error', () => {
  const table = encodeTable(
    Array.from({ length: 20 }, (_, position) => entry(`conv${100 + position}/weights`, `value ${position}`)),
  );

  test('whichever one bit is wrong', () => {
    for (let position = 0; position < table.length * 8; position++) {
      const changed = table.slice();
      changed[position >> 3]! ^= 1 << (position & 7);
      expect(outcome(changed), `bit ${position}`).toMatchObject(damage);
    }
  });

  test('wherever it is cut', () => {
    for (let length = 0; length < table.length; length++)
      expect(outcome(table.subarray(0, length)), `${length} bytes`).toMatchObject(damage);
  });

  test('when bytes were inserted or it is followed by others', () => {
    expect(outcome(Buffer.concat([table, Uint8Array.of(0)]))).toMatchObject(damage);
    expect(outcome(Buffer.concat([Uint8Array.of(0), table]))).toMatchObject(damage);
    const [blocks, footer] = [table.subarray(0, -48), table.subarray(-48)];
    expect(outcome(Buffer.concat([blocks, Uint8Array.of(0), footer]))).toMatchObject(damage);
  });

  test('when it is anything else', () => {
    const magic = Buffer.from('57fb808b247547db', 'hex');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(outcome(noise)).toMatchObject(damage);
        expect(outcome(Buffer.concat([noise, magic]))).toMatchObject(damage);
      }),
    );
  });
});

test('a compressed block is refused as such', () => {
  const table = Buffer.from(encodeTable([entry('a', 'b')]));
  // The data block: 3 lengths, key, value, one restart and their number; then its kind, where 1 is Snappy.
  const kindAt = 3 + 1 + 1 + 8;
  table[kindAt] = 1;
  table.writeUInt32LE(maskedCrc32c(table.subarray(0, kindAt + 1)), kindAt + 1);
  expect((outcome(table) as UserError).message).toMatch(/compressed \(kind 1\)/);
});

test('keys that unfold to far more than their block are refused before they fill the memory', () => {
  const block = new BlockBuilder(Number.POSITIVE_INFINITY);
  const key = Buffer.alloc(60_000, 'k');
  for (let position = 0; position < 1000; position++) {
    const end = Buffer.alloc(2);
    end.writeUInt16BE(position);
    block.add([Buffer.concat([key, end]), new Uint8Array()]);
  }
  expect(() => [...decodeBlock(block.finish())]).toThrow('its keys are too long for its size');
});
