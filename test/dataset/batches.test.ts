import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  augment,
  CROP_VALUES,
  centralImage,
  drawAugmentation,
  evaluationBatches,
  shuffledOrder,
  trainingBatches,
} from '../../src/cifar10-loader.ts';
import { UserError } from '../../src/errors.ts';
import { randomStream } from '../../src/random.ts';
import { randomRecords } from './pictures.ts';

describe('shuffledOrder', () => {
  test('is a permutation', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(1000), fc.nat(50), (count, seed, epoch) => {
        const sorted = shuffledOrder(count, seed, epoch).toSorted();
        expect(Array.from(sorted)).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
    );
  });

  test('differs by seed and by epoch', () => {
    const orders = [shuffledOrder(50, 1, 0), shuffledOrder(50, 1, 1), shuffledOrder(50, 2, 0)].map(String);
    expect(new Set(orders).size).toBe(3);
  });

  test('puts every record everywhere equally often', () => {
    const counts = new Uint32Array(16);
    for (let seed = 0; seed < 4000; seed++) {
      const order = shuffledOrder(4, seed, 0);
      for (let place = 0; place < 4; place++) counts[place * 4 + order[place]!]!++;
    }
    // 1000 expected; the binomial standard deviation is 27.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
});

describe('trainingBatches', () => {
  const records = randomRecords(7);

  test('each image is the record of its position in the shuffled epochs, augmented', () => {
    const batchAt = trainingBatches(records, { batchSize: 5, seed: 3 });
    const orders = [...shuffledOrder(7, 3, 0), ...shuffledOrder(7, 3, 1)];
    for (const step of [0, 1]) {
      const { images, labels } = batchAt(step);
      const stream = randomStream(3, 'augment', step);
      for (let i = 0; i < 5; i++) {
        const record = orders[step * 5 + i]!;
        const expected = new Float32Array(CROP_VALUES);
        augment(records.planes(record), drawAugmentation(stream), expected);
        expect(labels[i]).toBe(records.label(record));
        expect(images.subarray(i * CROP_VALUES, (i + 1) * CROP_VALUES)).toEqual(expected);
      }
    }
  });

  test('is a function of (seed, step), whatever was asked before and whoever lends the memory', () => {
    fc.assert(
      fc.property(
        fc.nat(100),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }),
        (seed, batchSize, steps) => {
          const batchAt = trainingBatches(records, { batchSize, seed });
          let lent = batchAt(0);
          for (const step of steps) {
            lent = batchAt(step, lent);
            const { images, labels } = trainingBatches(records, { batchSize, seed })(step);
            expect(lent.labels).toEqual(labels);
            expect(Buffer.compare(Buffer.from(lent.images.buffer), Buffer.from(images.buffer))).toBe(0);
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  test('every epoch has each record once, also where batches cross from one into the next', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (batchSize) => {
        const batchAt = trainingBatches(records, { batchSize, seed: 1 });
        const labels = Array.from({ length: Math.ceil(21 / batchSize) }, (_, step) => [
          ...batchAt(step).labels,
        ]).flat();
        for (const epoch of [0, 7, 14]) {
          expect(labels.slice(epoch, epoch + 7).sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
        }
      }),
    );
  });

  test('another seed gives other batches', () => {
    const images = (seed: number) => trainingBatches(records, { batchSize: 7, seed })(0).images;
    expect(images(1)).not.toEqual(images(2));
  });

  test('bad sizes and an empty set are refused', () => {
    for (const batchSize of [0, -1, 1.5, Number.NaN]) {
      expect(() => trainingBatches(records, { batchSize, seed: 1 })).toThrow(UserError);
    }
    expect(() => trainingBatches(records.slice(7), { batchSize: 1, seed: 1 })).toThrow('no records');
  });
});

describe('evaluationBatches', () => {
  test('each record comes once, in order, standardized; the last batch is what remains', () => {
    const records = randomRecords(7);
    const batches = [...evaluationBatches(records, 3)];
    expect(batches.map(({ labels }) => [...labels])).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    const expected = new Float32Array(CROP_VALUES);
    centralImage(records.planes(4), expected);
    expect(batches[1]!.images.subarray(CROP_VALUES, 2 * CROP_VALUES)).toEqual(expected);
    expect(batches[2]!.images.length).toBe(CROP_VALUES);
  });
});
