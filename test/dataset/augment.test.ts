import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  adjustBrightness,
  adjustContrast,
  augment,
  CROP_VALUES,
  centralImage,
  crop,
  drawAugmentation,
  flipLeftRight,
  standardize,
} from '../../src/cifar10-loader.ts';
import { randomStream } from '../../src/random.ts';

/** A picture whose bytes tell where they are: red = row, green = column, blue = 200. */
const coordinates = Uint8Array.from({ length: 3072 }, (_, i) => {
  const pixel = i % 1024;
  return [Math.floor(pixel / 32), pixel % 32, 200][Math.floor(i / 1024)]!;
});
const pixelOf = (image: Float32Array, row: number, column: number) =>
  Array.from(image.subarray((row * 24 + column) * 3, (row * 24 + column) * 3 + 3));

const image = fc
  .array(fc.double({ min: -500, max: 500, noNaN: true }), { minLength: CROP_VALUES, maxLength: CROP_VALUES })
  .map((values) => Float32Array.from(values));

describe('crop', () => {
  test('turns planes into height x width x channel from the given corner on', () => {
    const into = new Float32Array(CROP_VALUES);
    crop(coordinates, 3, 8, into);
    expect(pixelOf(into, 0, 0)).toEqual([3, 8, 200]);
    expect(pixelOf(into, 0, 23)).toEqual([3, 31, 200]);
    expect(pixelOf(into, 23, 1)).toEqual([26, 9, 200]);
  });
});

describe('flipLeftRight', () => {
  test('exchanges columns and keeps rows and channels', () => {
    const into = new Float32Array(CROP_VALUES);
    crop(coordinates, 0, 0, into);
    flipLeftRight(into);
    expect(pixelOf(into, 0, 0)).toEqual([0, 23, 200]);
    expect(pixelOf(into, 5, 22)).toEqual([5, 1, 200]);
  });

  test('twice changes nothing', () => {
    fc.assert(
      fc.property(image, (original) => {
        const flipped = original.slice();
        flipLeftRight(flipped);
        flipLeftRight(flipped);
        expect(flipped).toEqual(original);
      }),
      { numRuns: 5 },
    );
  });
});

describe('brightness and contrast', () => {
  /** Channels alternate between two values from pixel to pixel: red 10 and 30, green 0 and 8, blue 100 always. */
  const striped = () =>
    Float32Array.from({ length: CROP_VALUES }, (_, i) => [10, 0, 100, 30, 8, 100][i % 6]!);

  test('brightness is added without clipping', () => {
    const bright = striped();
    adjustBrightness(bright, -20.5);
    expect(Array.from(bright.subarray(0, 6))).toEqual([-10.5, -20.5, 79.5, 9.5, -12.5, 79.5]);
  });

  test("contrast multiplies the distance from each channel's own mean", () => {
    const flat = striped();
    adjustContrast(flat, 0.5);
    expect(Array.from(flat.subarray(0, 6))).toEqual([15, 2, 100, 25, 6, 100]);
  });
});

describe('standardize', () => {
  test('gives mean 0 and standard deviation 1', () => {
    fc.assert(
      fc.property(image, (values) => {
        standardize(values);
        const mean = values.reduce((sum, value) => sum + value, 0) / CROP_VALUES;
        const variance = values.reduce((sum, value) => sum + value ** 2, 0) / CROP_VALUES;
        expect(mean).toBeCloseTo(0, 4);
        expect(variance).toBeCloseTo(1, 4);
      }),
      { numRuns: 5 },
    );
  });

  test('divides by at least 1 / sqrt(1728), so that one colour becomes 0 and faint noise stays faint', () => {
    const plain = new Float32Array(CROP_VALUES).fill(77);
    standardize(plain);
    expect(plain).toEqual(new Float32Array(CROP_VALUES));

    const faint = Float32Array.from({ length: CROP_VALUES }, (_, i) => (i % 2 ? 2 ** -10 : -(2 ** -10)));
    standardize(faint);
    expect(faint[1]).toBeCloseTo(2 ** -10 * Math.sqrt(1728), 7);
  });
});

describe('drawAugmentation', () => {
  const draws = Array.from({ length: 3000 }, (_, i) => drawAugmentation(randomStream(5, i)));

  test('reaches every corner and stays within the ranges', () => {
    expect(new Set(draws.map(({ top }) => top))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8]));
    expect(new Set(draws.map(({ left }) => left))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8]));
    for (const { brightness, contrast } of draws) {
      expect(Math.abs(brightness)).toBeLessThanOrEqual(63);
      expect(contrast).toBeGreaterThanOrEqual(0.2);
      expect(contrast).toBeLessThan(1.8);
    }
  });

  test('is uniform', () => {
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    // Four standard errors of the mean of 3000 draws.
    expect(Math.abs(mean(draws.map(({ flip }) => Number(flip))) - 0.5)).toBeLessThan(0.037);
    expect(Math.abs(mean(draws.map(({ brightness }) => brightness)))).toBeLessThan(2.7);
    expect(Math.abs(mean(draws.map(({ contrast }) => contrast)) - 1)).toBeLessThan(0.034);
    expect(Math.abs(mean(draws.map(({ top }) => top)) - 4)).toBeLessThan(0.19);
  });
});

describe('whole images', () => {
  test('training goes through crop, flip, brightness, contrast and standardization in this order', () => {
    const drawn = { top: 2, left: 7, flip: true, brightness: 41.3, contrast: 1.7 };
    const byHand = new Float32Array(CROP_VALUES);
    crop(coordinates, 2, 7, byHand);
    flipLeftRight(byHand);
    adjustBrightness(byHand, 41.3);
    adjustContrast(byHand, 1.7);
    standardize(byHand);
    const augmented = new Float32Array(CROP_VALUES);
    augment(coordinates, drawn, augmented);
    expect(augmented).toEqual(byHand);
  });

  test('evaluation takes the central crop, standardized', () => {
    const byHand = new Float32Array(CROP_VALUES);
    crop(coordinates, 4, 4, byHand);
    expect(pixelOf(byHand, 0, 0)).toEqual([4, 4, 200]);
    standardize(byHand);
    const central = new Float32Array(CROP_VALUES);
    centralImage(coordinates, central);
    expect(central).toEqual(byHand);
  });
});
