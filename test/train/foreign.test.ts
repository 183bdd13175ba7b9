import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { openCheckpoint, saveCheckpoint } from '../../src/checkpoint/index.ts';
import { syntheticRecords } from '../../src/dataset/index.ts';
import { selectEngine } from '../../src/engine/select.ts';
import { evaluateCheckpoint } from '../../src/eval/index.ts';
import { metaGraph } from '../../src/graph/index.ts';
import { initialValues, trainableVariables } from '../../src/model/variables.ts';
import { CIFAR10, CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import { type TrainObserver, type TrainOptions, train } from '../../src/train/index.ts';
import type { Tensor } from '../../src/wire/tensor.ts';
import { fewPictures, noting, trainOptions } from './run.ts';

const STEP = 40;

let dataDir: string;
let dir: string;
let lines: string[];
let observer: TrainObserver;
const options = (maxSteps: number, settings: TrainOptions['settings'] = {}): TrainOptions =>
  trainOptions({
    trainDir: dir,
    settings: { batch_size: 2, ...settings },
    dataDir,
    maxSteps,
    saveCheckpointSteps: 1,
    keepCheckpoints: 2,
  });

/** Weights and biases, and what else is given, as a program without pruning saves them. */
async function saveTrained(others: Readonly<Record<string, Tensor>> = {}): Promise<Map<string, Tensor>> {
  const values = initialValues(CIFAR10_NETWORK, 3);
  const variables = new Map<string, Tensor>(Object.entries(others));
  for (const { name, shape } of trainableVariables(CIFAR10_NETWORK))
    variables.set(name, { dtype: 'float32', shape: [...shape], data: values.get(name)! });
  variables.set('global_step', { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(STEP)) });
  const graph = metaGraph(CIFAR10_NETWORK, { pruningName: 'p', keep: 5 });
  await saveCheckpoint({ dir, step: STEP, variables, metaGraph: graph, keep: 5 });
  return variables;
}

beforeAll(async () => {
  dataDir = await fewPictures();
});

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'foreign-'));
  lines = [];
  observer = noting(lines);
});

test('a network that was trained without pruning is pruned from where it was', async () => {
  await saveTrained({ 'conv1/weights/Momentum': { dtype: 'float32', shape: [1], data: Float32Array.of(1) } });
  const hparams = 'initial_sparsity=0.5,target_sparsity=0.5,pruning_frequency=1';
  const result = await train(options(STEP + 1, { pruning_hparams: hparams }), observer);
  expect(result.step).toBe(STEP + 1);
  expect(result.sparsity).toBeCloseTo(0.5, 3);
  expect(lines).toContain(
    `continuing from ${join(dir, `model.ckpt-${STEP}`)} at step ${STEP}; another program wrote it, and its files are kept`,
  );
  expect(lines).toContain('no masks (conv1/mask and 4 others): nothing is pruned yet');
  expect(lines).toContain('not used: conv1/weights/Momentum');
});

test('its variables are those of the checkpoint, and its averages start from them', async () => {
  const before = await saveTrained();
  await train(options(STEP + 1, { pruning_hparams: 'begin_pruning_step=1000' }), observer);
  const after = await openCheckpoint(join(dir, `model.ckpt-${STEP + 1}`));
  const weights = before.get('local4/weights')!.data as Float32Array;
  const average = (await after.read('local4/weights/ExponentialMovingAverage')).data as Float32Array;
  const now = (await after.read('local4/weights')).data as Float32Array;
  // The decay of step 41 is 42 / 51.
  const expected = weights[0]! + (now[0]! - weights[0]!) * (1 - 42 / 51);
  expect(average[0]!).toBeCloseTo(expected, 6);
});

test('the pruning hparams get the name that the checkpoint has', async () => {
  const lastUpdate: Tensor = { dtype: 'int32', shape: [], data: Int32Array.of(38) };
  await saveTrained({ 'cifar10_pruning/last_mask_update_step': lastUpdate });
  await train(options(STEP + 1, { pruning_hparams: 'begin_pruning_step=1000' }), observer);
  const after = await openCheckpoint(join(dir, `model.ckpt-${STEP + 1}`));
  expect((await after.read('cifar10_pruning/last_mask_update_step')).data[0]).toBe(38);
});

test('its files outlive the run, also when the run was stopped and continued', async () => {
  await saveTrained();
  const data = () => readFile(join(dir, `model.ckpt-${STEP}.data-00000-of-00001`));
  const before = await data();
  await train(options(STEP + 3), observer);
  await train(options(STEP + 6, {}), observer);
  expect((await data()).equals(before)).toBe(true);
  const kept = (await readdir(dir)).filter((file) => file.endsWith('.index'));
  expect(kept.sort()).toEqual([STEP, STEP + 5, STEP + 6].map((step) => `model.ckpt-${step}.index`));
});

test('without averages it is evaluated with its weights only, as if unpruned', async () => {
  await saveTrained();
  const { engine } = await selectEngine({ network: CIFAR10_NETWORK });
  const examples = { task: CIFAR10, records: syntheticRecords('test', 10, 0), batchSize: 10 };
  await expect(evaluateCheckpoint(dir, engine, 'moving averages', examples)).rejects.toMatchObject({
    code: 'checkpoint',
    message: expect.stringContaining('has no moving averages'),
    hint: expect.stringContaining('--raw'),
  });
  expect(await evaluateCheckpoint(dir, engine, 'raw weights', examples)).toMatchObject({
    step: STEP,
    count: 10,
  });
  await engine.dispose();
});
