import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCheckpoint, readFloat32 } from '../../src/checkpoint/index.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { selectEngine } from '../../src/engine/select.ts';
import { evaluateCheckpoint, evaluateFrozenModel } from '../../src/eval/index.ts';
import { averageName } from '../../src/model/names.ts';
import { initialValues, trainableVariables } from '../../src/model/variables.ts';
import { collectReport } from '../../src/report/collect.ts';
import { loadFrozenModel } from '../../src/runtime/index.ts';
import { stripCheckpoint } from '../../src/strip/index.ts';
import { CIFAR10 } from '../../src/tasks/cifar10.ts';
import { keptSettings, type TrainOptions, type TrainResult, train } from '../../src/train/index.ts';
import { GraphDefSchema } from '../../src/wire/protos.ts';
import { readSummaries } from '../summary/read-events.ts';
import { noting, trainOptions } from '../train/run.ts';
import { FORMAT, MADE_UP } from './made-up.ts';

const STEPS = 40;
const HPARAMS =
  'name=p,target_sparsity=0.5,sparsity_function_end_step=30,pruning_frequency=5,threshold_decay=0';

let root: string;
let result: TrainResult;
let engine: Engine;
const options = (name: string, maxSteps: number, changes: Partial<TrainOptions> = {}) =>
  trainOptions({
    task: MADE_UP,
    trainDir: join(root, name),
    dataDir: join(root, 'none'),
    maxSteps,
    settings: { pruning_hparams: HPARAMS },
    threads: 1,
    ...changes,
  });
const fileOf = (name: string, ending: string) => readFile(join(root, name, `model.ckpt-${STEPS}.${ending}`));

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'made-up-'));
  result = await train(options('whole', STEPS), noting());
  ({ engine } = await selectEngine({ engine: 'simd', threads: 1, network: MADE_UP.network }));
}, 60_000);
afterAll(async () => {
  await engine.dispose();
  await rm(root, { recursive: true });
});

test('it is trained and pruned, and its run names it', async () => {
  expect(result).toMatchObject({ step: STEPS, layers: [{ name: 'first' }, { name: 'last' }] });
  expect(result.sparsity).toBeCloseTo(0.5, 2);
  const settings = JSON.parse(await readFile(join(root, 'whole', 'run.json'), 'utf8'));
  expect(settings).toMatchObject({ task: 'made-up', dataset: 'stripes', batch_size: 6, seed: 1 });
});

test('a run that was stopped and continued ends with the same bits, also where run.json is lost', async () => {
  await train(options('parts', 23), noting());
  await rm(join(root, 'parts', 'run.json'));
  const kept = await keptSettings(join(root, 'parts', 'model.ckpt-23'));
  expect(kept?.settings.task).toBe('made-up');
  await train(options('parts', STEPS, { settings: {} }), noting());
  for (const ending of ['data-00000-of-00001', 'index', 'meta'])
    expect((await fileOf('parts', ending)).equals(await fileOf('whole', ending))).toBe(true);
});

test('its recipe decides learning rate and moving averages', async () => {
  await train(
    options('short', 9, { saveSummariesSteps: 1, saveCheckpointSteps: 1, keepCheckpoints: 9 }),
    noting(),
  );
  const [events] = (await readdir(join(root, 'short'))).filter((name) => name.startsWith('events.'));
  const summaries = readSummaries(join(root, 'short', events!));
  const rates = Array.from({ length: 9 }, (_, i) => summaries.get(i + 1)?.get('learning_rate')?.value);
  expect(rates).toEqual([0.08, 0.08, 0.08, 0.08, 0.04, 0.04, 0.04, 0.04, 0.02].map(Math.fround));
  const checkpoint = await openCheckpoint(join(root, 'short', 'model.ckpt-1'));
  const before = initialValues(MADE_UP.network, 1);
  for (const { name, shape } of trainableVariables(MADE_UP.network)) {
    const after = await readFloat32(checkpoint, name, shape);
    const average = await readFloat32(checkpoint, averageName(name), shape);
    const halfWay = after.map((value, i) => (before.get(name)![i]! + value) / 2);
    for (const [i, value] of average.entries()) expect(value).toBeCloseTo(halfWay[i]!, 6);
  }
});

test('its checkpoint and its frozen graph are as good as each other', async () => {
  const examples = { task: MADE_UP, records: await MADE_UP.datasets[0].load('test', {}), batchSize: 4 };
  const raw = await evaluateCheckpoint(join(root, 'whole'), engine, 'raw weights', examples);
  expect(raw).toMatchObject({ step: STEPS, count: 15, confusion: { length: 3 } });
  expect(raw.accuracy).toBeGreaterThan(0.6);

  const outputNodeNames = [MADE_UP.outputName];
  const { graph, report } = await stripCheckpoint({ checkpointDir: join(root, 'whole'), outputNodeNames });
  expect(report.tensors).toHaveLength(2);
  const model = await loadFrozenModel(toBinary(GraphDefSchema, graph), { engine: 'simd', threads: 1 });
  try {
    expect(model).toMatchObject({ inputShape: [12, 14, 1], outputShape: [3] });
    expect((await evaluateFrozenModel(model, examples)).confusion).toEqual(raw.confusion);
    await expect(evaluateFrozenModel(model, { ...examples, task: CIFAR10 })).rejects.toMatchObject({
      message: 'last/last_2 gives [3] for an image, expected 10 logits',
      hint: expect.stringContaining('for example softmax_linear/softmax_linear_2,'),
    });
  } finally {
    await model.dispose();
  }
});

test('a report shows its layers, classes and pictures', async () => {
  const records = await MADE_UP.datasets[0].load('test', {});
  const { classNames, runs } = await collectReport([join(root, 'whole')], {
    version: '1',
    evaluate: true,
    mistakes: 20,
    defaultTask: CIFAR10,
    taskNamed: () => MADE_UP,
    engine: async (network) => {
      expect(network).toBe(MADE_UP.network);
      return engine;
    },
    testSet: async (dataset) => {
      expect(dataset.format).toBe(FORMAT);
      return records;
    },
    onNotice: () => {},
  });
  expect(classNames).toEqual(['horizontal', 'vertical', 'plain']);
  expect(runs).toMatchObject([{ step: STEPS, layers: [{ name: 'first' }, { name: 'last' }] }]);
  const { averages, mistakes } = runs[0]!;
  expect(averages).toMatchObject({ count: 15 });
  expect(mistakes).toHaveLength(15 - averages!.correct!);
});

test('a run of one task is not continued as another', async () => {
  const others = options('whole', STEPS + 1, { task: CIFAR10, overrideHparams: true });
  await expect(train(others, noting())).rejects.toMatchObject({
    code: 'argument',
    message: 'the run in train_dir is one of task made-up, not of cifar10',
    hint: expect.stringContaining('--task'),
  });
});

test('a run whose run.json is older than tasks is one of cifar10', async () => {
  await train(options('old', 1), noting());
  const path = join(root, 'old', 'run.json');
  const { task, ...older } = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify(older));
  await expect(train(options('old', 2), noting())).rejects.toMatchObject({
    message: 'the run in train_dir is one of task cifar10, not of made-up',
  });
});

test('a dataset of another task, or of another number of classes, is refused', async () => {
  const cifar10 = options('refused', 1, { settings: { dataset: 'cifar10' } });
  await expect(train(cifar10, noting())).rejects.toMatchObject({
    code: 'argument',
    message: 'task made-up has no dataset cifar10, expected stripes',
  });
  const wrong = { ...MADE_UP, network: { ...MADE_UP.network, classes: 4 } };
  await expect(train(options('refused', 1, { task: wrong }), noting())).rejects.toMatchObject({
    code: 'dataset',
    message: 'dataset stripes has 3 classes, expected 4 as in the network of task made-up',
  });
});
