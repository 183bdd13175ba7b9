import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  adjustBrightness,
  adjustContrast,
  augment,
  CROP_VALUES,
  centralImage,
  crop,
  drawAugmentation,
  flipLeftRight,
} from '../../src/cifar10-loader.ts';
import { syntheticRecords } from '../../src/dataset/synthetic/synthetic.ts';
import { randomStream } from '../../src/random.ts';
import { runPython } from './python.ts';

type Stage = 'cropped' | 'flipped' | 'bright' | 'contrasted' | 'standardized';

interface Report {
  readonly training: readonly Record<Stage, readonly number[]>[];
  readonly evaluation: readonly (readonly number[])[];
}

const records = syntheticRecords('train', 20);
const draws = Array.from({ length: records.count }, (_, i) => drawAugmentation(randomStream(3, i)));
let folder: string;
let tensorflow: Report;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'augmentation-'));
  const input = join(folder, 'pictures.json');
  const pictures = draws.map((_, i) => Array.from(records.planes(i)));
  await writeFile(input, JSON.stringify({ pictures, draws }));
  tensorflow = JSON.parse(await runPython('augmentation.py', [input]));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function largestDifference(ours: Float32Array, theirs: readonly number[]): number {
  expect(theirs.length).toBe(ours.length);
  return ours.reduce((largest, value, i) => Math.max(largest, Math.abs(value - theirs[i]!)), 0);
}

test('each step of the augmentation gives the values of tf.image', () => {
  for (const [i, { top, left, flip, brightness, contrast }] of draws.entries()) {
    const theirs = tensorflow.training[i]!;
    const image = new Float32Array(CROP_VALUES);
    crop(records.planes(i), top, left, image);
    expect(largestDifference(image, theirs.cropped)).toBe(0);
    if (flip) flipLeftRight(image);
    expect(largestDifference(image, theirs.flipped)).toBe(0);
    adjustBrightness(image, brightness);
    // Values of up to 320: half a unit in the last place of float32 is 1.5e-5, that of the mean comes on top.
    expect(largestDifference(image, theirs.bright)).toBeLessThan(5e-5);
    adjustContrast(image, contrast);
    expect(largestDifference(image, theirs.contrasted)).toBeLessThan(1e-4);
  }
});

test('augmented images are those of tf.image', () => {
  const image = new Float32Array(CROP_VALUES);
  for (const [i, draw] of draws.entries()) {
    augment(records.planes(i), draw, image);
    expect(largestDifference(image, tensorflow.training[i]!.standardized)).toBeLessThan(1e-5);
  }
});

test('evaluation images are the central crops of tf.image, standardized', () => {
  const image = new Float32Array(CROP_VALUES);
  for (let i = 0; i < records.count; i++) {
    centralImage(records.planes(i), image);
    expect(largestDifference(image, tensorflow.evaluation[i]!)).toBeLessThan(1e-5);
  }
});
