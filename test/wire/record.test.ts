import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRecordStream, decodeRecords, encodeRecord } from '../../src/wire/record.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const fromHex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const records = (bytes: Uint8Array) => [...decodeRecords(bytes)].map(hex);

// Written by tf.io.TFRecordWriter: the records 'abc' and ''.
const ABC = '0300000000000000 b099490e 616263 6e57f121';
const EMPTY = '0000000000000000 29039807 d8ea82a2';

describe('bytes that TensorFlow writes', () => {
  test('are what we write', () => {
    expect(hex(encodeRecord(Buffer.from('abc')))).toBe(ABC.replaceAll(' ', ''));
    expect(hex(encodeRecord(new Uint8Array()))).toBe(EMPTY.replaceAll(' ', ''));
  });

  test('are read', () => {
    expect(records(fromHex(ABC + EMPTY))).toEqual(['616263', '']);
  });
});

test('any records come back as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (data) => {
      expect(records(Buffer.concat(data.map(encodeRecord)))).toEqual(data.map(hex));
    }),
  );
});

test('in pieces, cut anywhere, come the same records', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      fc.nat(100),
      async (data, sizes, missing) => {
        const file = Buffer.concat(data.map(encodeRecord));
        const left = file.subarray(0, Math.max(0, file.length - missing));
        async function* pieces() {
          for (let at = 0, count = 0; at < left.length; count++) {
            const size = sizes[count % sizes.length]!;
            yield left.subarray(at, at + size);
            at += size;
          }
        }
        const streamed: string[] = [];
        for await (const record of decodeRecordStream(pieces(), 100)) streamed.push(hex(record));
        expect(streamed).toEqual(records(left));
      },
    ),
  );
});

test('in pieces, too, the place of damage is that in the file', async () => {
  const file = Buffer.concat(['first', 'second', 'third'].map((text) => encodeRecord(Buffer.from(text))));
  const last = file.length - encodeRecord(Buffer.from('third')).length;
  file[file.length - 5]! ^= 1;
  async function* pieces() {
    for (let at = 0; at < file.length; at += 5) yield file.subarray(at, at + 5);
  }
  const read = async () => {
    for await (const _ of decodeRecordStream(pieces(), 100));
  };
  await expect(read()).rejects.toThrow(`the record at byte ${last} is corrupt`);
});

test('a file cut anywhere gives the records that are whole', () => {
  const first = encodeRecord(Buffer.from('first'));
  const file = Buffer.concat([first, encodeRecord(Buffer.from('second'))]);
  for (let length = 0; length < file.length; length++)
    expect(records(file.subarray(0, length))).toHaveLength(length < first.length ? 0 : 1);
});

test('whichever bit is wrong, the record is refused and its place named', () => {
  const first = encodeRecord(Buffer.from('first'));
  const file = Buffer.concat([first, encodeRecord(Buffer.from('second'))]);
  for (let bit = first.length * 8; bit < file.length * 8; bit++) {
    const changed = Buffer.from(file);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    expect(() => records(changed), `bit ${bit}`).toThrow(
      `the record at byte ${first.length} is corrupt: its checksum does not match`,
    );
  }
});
