import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { kernelsOf } from '../../examples/prune-your-own-model/prune-while-training.ts';
import { type Report, trainAndStrip } from '../../examples/prune-your-own-model/train-and-strip.ts';

let folder: string;
let report: Report;
const warnings: string[] = [];

beforeAll(async () => {
  await tf.setBackend('cpu');
  folder = await mkdtemp(join(tmpdir(), 'example-'));
  const hparams =
    'target_sparsity=0.75,weight_sparsity_map=[hidden2:0.875],do_not_prune=[rings],' +
    'pruning_frequency=2,sparsity_function_end_step=12';
  const size = { trainingPoints: 300, testPoints: 100, denseEpochs: 8, pruningEpochs: 3 };
  report = await trainAndStrip(hparams, size, folder, (line) => warnings.push(line));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it('prunes each kernel to its own sparsity', () => {
  expect([...report.sparsity]).toEqual([
    ['hidden1/kernel', 0.75],
    ['hidden2/kernel', 0.875],
    ['rings/kernel', 0],
  ]);
  expect(warnings).toEqual([]);
});

it('learns the task, pruned or not', () => {
  // Guessing the commonest of the three rings is right for under 0.52 of the square.
  expect(report.accuracy.dense).toBeGreaterThan(0.6);
  expect(report.accuracy.pruned).toBeGreaterThan(0.6);
});

it('saves the pruned model whole, with nothing beside kernels and biases', async () => {
  expect(report.accuracy.saved).toBe(report.accuracy.pruned);
  for (const [index, kernel] of kernelsOf(report.model).entries()) {
    expect(kernelsOf(report.saved)[index]?.read().dataSync()).toEqual(kernel.read().dataSync());
  }
  expect((await readdir(folder)).sort()).toEqual(['model.json', 'weights.bin']);
  const { weightsManifest } = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
  expect(weightsManifest[0].weights.map(({ name }: { name: string }) => name.replace(/_\d+$/, ''))).toEqual([
    'hidden1/kernel',
    'hidden1/bias',
    'hidden2/kernel',
    'hidden2/bias',
    'rings/kernel',
    'rings/bias',
  ]);
});
