import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRecords, Records, serializeRecords } from '../../src/dataset/records.ts';
import { UserError } from '../../src/errors.ts';
import { randomRecords } from './pictures.ts';

const picture = fc.record({
  label: fc.integer({ min: 0, max: 9 }),
  planes: fc.uint8Array({ minLength: 3072, maxLength: 3072 }),
});

describe('the binary layout', () => {
  test('is a label byte, then the red, green and blue plane, row by row', () => {
    const planes = new Uint8Array(3072);
    planes[0] = 11; // red, row 0, column 0
    planes[32] = 12; // red, row 1, column 0
    planes[1024 + 1] = 13; // green, row 0, column 1
    planes[2048 + 1023] = 14; // blue, row 31, column 31
    const bytes = serializeRecords([
      { label: 3, planes: new Uint8Array(3072) },
      { label: 7, planes },
    ]);
    expect(bytes.length).toBe(6146);
    expect([bytes[0], bytes[3073], bytes[3074], bytes[3106], bytes[4099], bytes[6145]]).toEqual([
      3, 7, 11, 12, 13, 14,
    ]);

    const rgb = parseRecords(bytes).rgb(1);
    expect([rgb[0], rgb[96], rgb[4], rgb[3071]]).toEqual([11, 12, 13, 14]);
    expect(rgb.reduce((sum, value) => sum + value)).toBe(11 + 12 + 13 + 14);
  });

  test('survives writing and reading', () => {
    fc.assert(
      fc.property(fc.array(picture, { maxLength: 4 }), (pictures) => {
        const records = parseRecords(serializeRecords(pictures));
        expect(records.count).toBe(pictures.length);
        pictures.forEach(({ label, planes }, i) => {
          expect(records.label(i)).toBe(label);
          expect(Buffer.compare(records.planes(i), planes)).toBe(0);
        });
      }),
      { numRuns: 30 },
    );
  });

  test('a picture of another size is refused', () => {
    expect(() => serializeRecords([{ label: 0, planes: new Uint8Array(3071) }])).toThrow(
      '3071 bytes; expected 3072',
    );
  });
});

describe('bytes that are not records', () => {
  test('a cut record is named with file, number and byte', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 3072 }), (whole, excess) => {
        const bytes = new Uint8Array(whole * 3073 + excess);
        expect(() => parseRecords(bytes, 'a.bin')).toThrow(
          `a.bin: record ${whole} at byte ${whole * 3073} has only ${excess} of 3073 bytes`,
        );
      }),
    );
  });

  test('a label above 9 is named with file, number and byte', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 10, max: 255 }), (index, label) => {
        const bytes = new Uint8Array(4 * 3073);
        bytes[index * 3073] = label;
        expect(() => parseRecords(bytes, 'a.bin')).toThrow(
          `a.bin: record ${index} at byte ${index * 3073} has label ${label}; expected 0 to 9`,
        );
      }),
    );
  });

  test('both are errors for users, with a hint', () => {
    const failure = (bytes: Uint8Array) => {
      try {
        parseRecords(bytes);
      } catch (error) {
        return error;
      }
      return undefined;
    };
    for (const bytes of [new Uint8Array(3072), new Uint8Array(3073).fill(10)]) {
      expect(failure(bytes)).toBeInstanceOf(UserError);
      expect(failure(bytes)).toMatchObject({
        code: 'dataset',
        hint: expect.stringContaining('Move the file away'),
      });
    }
  });
});

describe('Records', () => {
  const records = randomRecords(5);

  test('slice counts as Array.prototype.slice does, over the same memory', () => {
    const labels = (some: Records) => Array.from({ length: some.count }, (_, i) => some.label(i));
    expect(labels(records.slice(1, 3))).toEqual([1, 2]);
    expect(labels(records.slice(3))).toEqual([3, 4]);
    expect(labels(records.slice(4, 99))).toEqual([4]);
    expect(records.slice(9).count).toBe(0);
    expect(records.slice(2).bytes.buffer).toBe(records.bytes.buffer);
  });

  test('there is no record outside', () => {
    for (const index of [-1, 5, 0.5, Number.NaN]) expect(() => records.planes(index)).toThrow(RangeError);
  });

  test('lie in shared memory', () => {
    expect(records.bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(new Records(records.bytes).planes(2)).toEqual(records.planes(2));
  });
});
