import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CROP_VALUES, centralImage } from '../../src/cifar10-loader.ts';
import type { Records } from '../../src/dataset/records.ts';
import { FIGURES } from '../../src/dataset/synthetic/figures.ts';
import { SYNTHETIC_CLASS_NAMES, syntheticRecords } from '../../src/dataset/synthetic/synthetic.ts';

const digest = (records: Records) => createHash('sha256').update(records.bytes).digest('hex');

describe('syntheticRecords', () => {
  test('a record depends on seed, split and index, not on how many are drawn', () => {
    const few = syntheticRecords('train', 10, 4);
    const more = syntheticRecords('train', 20, 4);
    expect(digest(more.slice(0, 10))).toBe(digest(few));
    expect(digest(more.slice(10, 20))).not.toBe(digest(few));
    expect(digest(syntheticRecords('test', 10, 4))).not.toBe(digest(few));
    expect(digest(syntheticRecords('train', 10, 5))).not.toBe(digest(few));
  });

  test('labels repeat 0 to 9', () => {
    const records = syntheticRecords('test', 25);
    expect(Array.from({ length: 25 }, (_, i) => records.label(i))).toEqual(
      Array.from({ length: 25 }, (_, i) => i % 10),
    );
  });

  test('no class is known by its mean colour', () => {
    const records = syntheticRecords('train', 1500);
    const sums = Array.from({ length: 10 }, () => [0, 0, 0]);
    for (let i = 0; i < records.count; i++) {
      records.planes(i).forEach((value, at) => {
        sums[records.label(i)]![at >> 10]! += value;
      });
    }
    const colours = sums.map((rgb) => rgb.map((sum) => sum / (150 * 1024)));
    for (const [red, green, blue] of colours) {
      const grey = (red! + green! + blue!) / 3;
      for (const channel of [red!, green!, blue!]) expect(Math.abs(channel - grey)).toBeLessThan(25);
    }
  });

  test('pictures nearest in pixels are of the same class more often than by chance, and far from always', () => {
    const crops = (records: Records) =>
      Array.from({ length: records.count }, (_, i) => {
        const image = new Float32Array(CROP_VALUES);
        centralImage(records.planes(i), image);
        return image;
      });
    const train = syntheticRecords('train', 500);
    const known = crops(train);
    const asked = crops(syntheticRecords('test', 100));
    const distance = (a: Float32Array, b: Float32Array) =>
      a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
    const right = asked.filter((image, i) => {
      const distances = known.map((other) => distance(image, other));
      return train.label(distances.indexOf(Math.min(...distances))) === i % 10;
    });
    expect(right.length).toBeGreaterThan(15);
    expect(right.length).toBeLessThan(70);
  });
});

describe('figures', () => {
  test('there is one for each label, with a name of its own', () => {
    expect(new Set(SYNTHETIC_CLASS_NAMES).size).toBe(10);
  });

  test('a mirror image is of the same class', () => {
    const point = fc.double({ min: -16, max: 16, noNaN: true });
    for (const { distance } of FIGURES) {
      const figure = distance(10);
      fc.assert(
        fc.property(point, point, (x, y) => {
          expect(figure(-x, y)).toBeCloseTo(figure(x, y), 9);
        }),
        { numRuns: 50 },
      );
    }
  });

  test('each has an inside, an outside and a limited reach', () => {
    for (const { distance } of FIGURES) {
      const figure = distance(10);
      const inside = (x: number, y: number) => figure(x, y) < 0;
      let area = 0;
      for (let y = -30; y <= 30; y++) for (let x = -30; x <= 30; x++) if (inside(x, y)) area++;
      expect(area).toBeGreaterThan(80);
      expect(area).toBeLessThan(350);
      for (let angle = 0; angle < 6.28; angle += 0.1) {
        expect(inside(14 * Math.cos(angle), 14 * Math.sin(angle))).toBe(false);
      }
    }
  });
});
