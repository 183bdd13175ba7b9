import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Checkpoint, openCheckpoint, readFloat32 } from '../../src/checkpoint/index.ts';
import { loadSplit, type TrainingBatch, trainingBatches } from '../../src/cifar10-loader.ts';
import type { StepResult } from '../../src/engine/engine.ts';
import { loadBackend } from '../../src/engine/tfjs/backends.ts';
import { TfjsEngine } from '../../src/engine/tfjs/tfjs-engine.ts';
import { averageName } from '../../src/model/names.ts';
import { weightedLayers } from '../../src/model/network.ts';
import { trainableVariables } from '../../src/model/variables.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import { type StepReport, train } from '../../src/train/index.ts';
import { expectClose } from '../engine/expect-close.ts';
import { readSummaries } from '../summary/read-events.ts';
import { fewPictures, noting, trainOptions } from './run.ts';

const STEPS = [1, 2, 3, 4];
const BATCH = 4;
const SEED = 3;
const layers = weightedLayers(CIFAR10_NETWORK).map(({ name }) => name);
const variables = trainableVariables(CIFAR10_NETWORK);

let trainDir: string;
let summaries: ReturnType<typeof readSummaries>;
let batchAt: (step: number) => TrainingBatch;
const reports: StepReport[] = [];

beforeAll(async () => {
  const dataDir = await fewPictures();
  trainDir = await mkdtemp(join(tmpdir(), 'numbers-'));
  const step = (report: StepReport) => reports.push(report);
  const options = trainOptions({
    trainDir,
    dataDir,
    maxSteps: 4,
    settings: {
      batch_size: BATCH,
      seed: SEED,
      pruning_hparams:
        'name=p,target_sparsity=0.9,weight_sparsity_map=[conv2:0.5],do_not_prune=[softmax],' +
        'pruning_frequency=2,sparsity_function_end_step=4',
    },
    engine: 'simd',
    threads: 1,
    saveCheckpointSteps: 1,
    saveSummariesSteps: 1,
    keepCheckpoints: 10,
  });
  await train(options, { ...noting(), step });
  const [events] = (await readdir(trainDir)).filter((name) => name.startsWith('events.'));
  summaries = readSummaries(join(trainDir, events!));
  batchAt = trainingBatches(await loadSplit('train', { name: 'cifar10', dataDir }), {
    batchSize: BATCH,
    seed: SEED,
  });
});

const checkpointOf = (step: number) => openCheckpoint(join(trainDir, `model.ckpt-${step}`));

async function scalarOf(checkpoint: Checkpoint, variable: string): Promise<number> {
  return Number((await checkpoint.read(variable)).data[0]);
}

function shown(step: number, tag: string): number {
  const value = summaries.get(step)?.get(tag);
  if (value?.case !== 'simpleValue') throw new Error(`no scalar ${tag} at step ${step}`);
  return value.value;
}

describe.each(STEPS)('what TensorBoard shows of step %i', (step) => {
  it('is the learning rate of the first 350 epochs', () => {
    expect(shown(step, 'learning_rate')).toBe(Math.fround(0.1));
  });

  it('is the sparsity and the threshold of the masks in the checkpoint', async () => {
    const checkpoint = await checkpointOf(step);
    for (const layer of layers) {
      const mask = (await checkpoint.read(`${layer}/mask`)).data as Float32Array;
      const zeros = mask.filter((value) => value === 0).length;
      expect(shown(step, `p_summaries/${layer}/mask/sparsity`)).toBe(Math.fround(zeros / mask.length));
      const threshold = await scalarOf(checkpoint, `${layer}/threshold`);
      expect(shown(step, `p_summaries/${layer}/threshold/threshold`)).toBe(threshold);
    }
    const lastUpdate = await scalarOf(checkpoint, 'p/last_mask_update_step');
    expect(shown(step, 'p_summaries/last_mask_update_step')).toBe(lastUpdate);
  });

  it('are the losses of the step, and the averages in the checkpoint', async () => {
    const before = await checkpointOf(step - 1);
    const after = await checkpointOf(step);
    const { loss } = reports[step - 1]!;
    expect(shown(step, 'total_loss/raw')).toBe(Math.fround(loss));
    let weightLosses = 0;
    for (const { name, weightDecay } of weightedLayers(CIFAR10_NETWORK)) {
      const weights = (await before.read(`${name}/weights`)).data as Float32Array;
      const squares = weights.reduce((sum, weight) => sum + weight * weight, 0);
      const weightLoss = shown(step, `${name}/weight_loss/raw`);
      expect(weightLoss).toBeCloseTo((weightDecay * squares) / 2, 4);
      weightLosses += weightLoss;
    }
    expect(shown(step, 'cross_entropy/raw') + weightLosses).toBeCloseTo(loss, 4);
    for (const tag of ['total_loss', 'cross_entropy', ...layers.map((layer) => `${layer}/weight_loss`)]) {
      const average = await scalarOf(after, `${tag}/avg`);
      expect(shown(step, tag)).toBe(average);
      const previous = await scalarOf(before, `${tag}/avg`);
      expect(average).toBeCloseTo(0.9 * previous + 0.1 * shown(step, `${tag}/raw`), 5);
    }
  });
});

it('the schedule of 4 steps is sampled every second one, for each weight with its own target', async () => {
  // At half of the way 1 - 0.5^3 = 0.875 of the target is reached.
  expect(STEPS.map((step) => shown(step, 'p_summaries/last_mask_update_step'))).toEqual([0, 2, 2, 4]);
  const sparsities = (layer: string) =>
    STEPS.map((step) => expect.closeTo(shown(step, `p_summaries/${layer}/mask/sparsity`), 3));
  for (const layer of ['conv1', 'local3', 'local4'])
    expect([0, 0.7875, 0.7875, 0.9]).toEqual(sparsities(layer));
  expect([0, 0.4375, 0.4375, 0.5]).toEqual(sparsities('conv2'));
  expect([0, 0, 0, 0]).toEqual(sparsities('softmax_linear'));
  expect(STEPS.map((step) => shown(step, 'p_summaries/sparsity'))).toEqual(
    [0.9 * (1 - 0.75 ** 3), 0.7875, 0.9 * (1 - 0.25 ** 3), 0.9].map((value) => expect.closeTo(value, 6)),
  );
  // The network has 1,067,584 weights.
  const zeros = 0.9 * (4800 + 884_736 + 73_728) + 0.5 * 102_400;
  expect(reports.map(({ sparsity }) => sparsity)).toEqual([
    0,
    expect.closeTo((0.875 * zeros) / 1_067_584, 4),
    expect.closeTo((0.875 * zeros) / 1_067_584, 4),
    expect.closeTo(zeros / 1_067_584, 4),
  ]);
});

it.each([2, 4])('the masks of step %i are those of the weights of that step', async (step) => {
  const checkpoint = await checkpointOf(step);
  for (const layer of layers) {
    const weights = (await checkpoint.read(`${layer}/weights`)).data as Float32Array;
    const mask = (await checkpoint.read(`${layer}/mask`)).data;
    const threshold = await scalarOf(checkpoint, `${layer}/threshold`);
    const wrong = weights.filter((weight, index) => mask[index] !== Number(Math.abs(weight) >= threshold));
    expect(wrong, layer).toEqual(new Float32Array());
  }
});

/** Computes a step anew, with TensorFlow.js and a learning rate of 0, from the checkpoint before it. */
async function gradientsOf(step: number): Promise<StepResult> {
  const engine = new TfjsEngine(CIFAR10_NETWORK, await loadBackend('wasm'));
  const before = await checkpointOf(step - 1);
  const values = new Map<string, Float32Array>();
  for (const { name, shape } of variables) values.set(name, await readFloat32(before, name, shape));
  engine.setVariables(values);
  const masks = new Map<string, Float32Array>();
  for (const layer of layers)
    masks.set(`${layer}/weights`, (await before.read(`${layer}/mask`)).data as Float32Array);
  engine.setMasks(masks);
  const { images, labels } = batchAt(step - 1);
  const result = await engine.trainStep(images, labels, { learningRate: 0, averageDecay: 0, observe: true });
  await engine.dispose();
  return result;
}

describe.each(STEPS)('step %i, computed anew by another engine', (step) => {
  let result: StepResult;
  beforeAll(async () => {
    result = await gradientsOf(step);
  });

  it('has the loss and the accuracy that were reported', () => {
    expect(reports[step - 1]!.loss).toBeCloseTo(result.totalLoss, 3);
    expect(reports[step - 1]!.accuracy).toBe(result.accuracy);
    expect(shown(step, 'cross_entropy/raw')).toBeCloseTo(result.crossEntropy, 3);
  });

  it('moves each variable by a tenth of its gradient, and each average towards it', async () => {
    const [before, after] = [await checkpointOf(step - 1), await checkpointOf(step)];
    const towards = 1 - (1 + step) / (10 + step);
    for (const { name, shape } of variables) {
      const [old, updated] = [await readFloat32(before, name, shape), await readFloat32(after, name, shape)];
      const gradient = result.observed!.gradients.get(name)!;
      const steepest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(steepest).toBeGreaterThan(0);
      const moved = updated.map((value, index) => (old[index]! - value) / 0.1);
      // A difference of float32 weights is as exact as the weights.
      const largest = old.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const tolerance = 1e-3 * steepest + 1e-6 * largest;
      const worst = gradient.reduce(
        (most, value, index) => Math.max(most, Math.abs(value - moved[index]!)),
        0,
      );
      expect(worst, name).toBeLessThan(tolerance);

      const average = await readFloat32(before, averageName(name), shape);
      const expected = average.map((value, index) => value - (value - updated[index]!) * towards);
      expectClose(await readFloat32(after, averageName(name), shape), expected, 1e-6);
    }
  });

  it('shows the gradients, the activations and the variables in histograms', async () => {
    const after = await checkpointOf(step);
    const extremes = (tag: string) => {
      const histogram = summaries.get(step)?.get(tag);
      if (histogram?.case !== 'histo') throw new Error(`no histogram ${tag} at step ${step}`);
      return histogram.value;
    };
    for (const { name, shape, size } of variables) {
      const values = await readFloat32(after, name, shape);
      const { min, max, num } = extremes(name);
      expect({ min, max, num }).toEqual({ min: least(values), max: most(values), num: size });
      const gradient = result.observed!.gradients.get(name)!;
      const shownGradient = extremes(`${name}/gradients`);
      const scale = 1e-3 * Math.max(most(gradient), -least(gradient));
      expect(Math.abs(shownGradient.min - least(gradient))).toBeLessThan(scale);
      expect(Math.abs(shownGradient.max - most(gradient))).toBeLessThan(scale);
    }
    for (const [layer, values] of result.observed!.activations) {
      const { max, num } = extremes(`${layer}/activations`);
      expect(num).toBe(values.length);
      expect(max).toBeCloseTo(most(values), 3);
      const zeros = values.filter((value) => value === 0).length / values.length;
      expect(shown(step, `${layer}/activations/zero_fraction`)).toBeCloseTo(zeros, 2);
    }
  });
});

const least = (values: Float32Array) => values.reduce((found, value) => Math.min(found, value));
const most = (values: Float32Array) => values.reduce((found, value) => Math.max(found, value));
