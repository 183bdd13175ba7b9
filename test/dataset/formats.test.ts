import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import {
  augment,
  centralImage,
  crop,
  drawAugmentation,
  evaluationBatches,
  parseRecords,
  type RecordFormat,
  readImageFile,
  serializeRecords,
  trainingBatches,
} from '../../src/dataset/index.ts';
import { randomStream } from '../../src/random.ts';
import { temporaryFolder } from './temporary.ts';

const FORMAT: RecordFormat = { height: 4, width: 6, channels: 1, classes: 3, name: 'the test set' };
/** Each byte tells its row and its column. */
const picture = (label: number) => ({
  label,
  planes: Uint8Array.from({ length: 24 }, (_, pixel) => Math.floor(pixel / 6) * 10 + (pixel % 6)),
});
const records = parseRecords(serializeRecords([picture(2), picture(0)], FORMAT), 'pictures', FORMAT);
const cropping = { stored: FORMAT, input: [2, 3, 1] } as const;
const ranges = { flip: true, brightness: 9, contrast: [0.5, 1.5] } as const;

test('records of another format keep it', () => {
  expect(records).toMatchObject({ count: 2, format: FORMAT });
  expect(records.label(0)).toBe(2);
  const second = records.slice(1);
  expect(second).toMatchObject({ count: 1, format: FORMAT });
  expect(second.rgb(0)).toEqual(picture(0).planes);
});

test('what is no record of it is refused by its name', () => {
  const bytes = serializeRecords([picture(2), picture(3)], FORMAT);
  expect(() => parseRecords(bytes, 'file', FORMAT)).toThrow(
    expect.objectContaining({
      message: 'file: record 1 at byte 25 has label 3; expected 0 to 2',
      hint: 'Move the file away, so that it is downloaded again: it is damaged or is not the test set.',
    }),
  );
  expect(() => parseRecords(bytes.subarray(0, 49), 'file', FORMAT)).toThrow(
    expect.objectContaining({ message: expect.stringContaining('has only 24 of 25 bytes') }),
  );
  expect(() => serializeRecords([{ label: 0, planes: new Uint8Array(25) }], FORMAT)).toThrow('expected 24');
});

test('crops are windows of the size of the network', () => {
  const into = new Float32Array(6);
  crop(records.planes(0), cropping, 1, 3, into);
  expect([...into]).toEqual([13, 14, 15, 23, 24, 25]);
  const central = new Float32Array(6);
  centralImage(records.planes(0), cropping, central);
  crop(records.planes(0), cropping, 1, 1, into);
  const mean = into.reduce((sum, value) => sum + value, 0) / 6;
  expect(central.map(Math.sign)).toEqual(into.map((value) => Math.sign(value - mean)));
});

test('augmentation keeps to its ranges, and draws the same crops whatever they are', () => {
  const draw = (given: Parameters<typeof drawAugmentation>[2], seed: number) =>
    drawAugmentation(randomStream(seed, 'test'), cropping, given);
  const seeds = Array.from({ length: 300 }, (_, seed) => seed);
  const drawn = seeds.map((seed) => draw(ranges, seed));
  expect(new Set(drawn.map(({ top }) => top))).toEqual(new Set([0, 1, 2]));
  expect(new Set(drawn.map(({ left }) => left))).toEqual(new Set([0, 1, 2, 3]));
  expect(drawn.some(({ flip }) => flip)).toBe(true);
  for (const { brightness, contrast } of drawn) {
    expect(Math.abs(brightness)).toBeLessThanOrEqual(9);
    expect(contrast).toBeGreaterThanOrEqual(0.5);
    expect(contrast).toBeLessThan(1.5);
  }
  const plain = { flip: false, brightness: 0, contrast: [1, 1] } as const;
  for (const seed of seeds) {
    const { top, left } = drawn[seed]!;
    expect(draw(plain, seed)).toMatchObject({ top, left, flip: false, contrast: 1 });
  }
});

test('a flip mirrors rows of the network, not of the stored pictures', () => {
  const [plain, mirrored] = [new Float32Array(6), new Float32Array(6)];
  const augmentation = { top: 0, left: 0, flip: false, brightness: 5, contrast: 1.2 };
  augment(records.planes(0), cropping, augmentation, plain);
  augment(records.planes(0), cropping, { ...augmentation, flip: true }, mirrored);
  for (const [at, from] of [2, 1, 0, 5, 4, 3].entries()) expect(mirrored[at]).toBeCloseTo(plain[from]!, 5);
});

test.each([
  [5, 3, 1],
  [2, 7, 1],
  [2, 3, 3],
] as const)('an input of %d x %d x %d is no window of the pictures', (...input) => {
  const message = `the network takes images of ${input.join(' x ')} values, but the pictures have 4 x 6 x 1`;
  expect(() => evaluationBatches(records, 2, input).next()).toThrow(message);
  expect(() => trainingBatches(records, { batchSize: 2, seed: 1, input, augmentation: ranges })).toThrow(
    message,
  );
});

test('a picture file is read in the size and the colours of the format', async () => {
  const path = join(await temporaryFolder(), 'grey.png');
  const half = (background: string) => ({
    create: { width: 9, height: 12, channels: 3 as const, background },
  });
  await sharp({ create: { width: 18, height: 12, channels: 3, background: 'black' } })
    .composite([{ input: half('white'), left: 9, top: 0 }])
    .png()
    .toFile(path);
  const bytes = await readImageFile(path, FORMAT);
  expect(bytes).toHaveLength(24);
  for (let row = 0; row < 4; row++) {
    expect(bytes[row * 6]).toBeLessThan(20);
    expect(bytes[row * 6 + 5]).toBeGreaterThan(235);
  }
});
