import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCheckpoint, saveCheckpoint } from '../../src/checkpoint/index.ts';
import { loadSplit, type Records } from '../../src/dataset/index.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { selectEngine } from '../../src/engine/select.ts';
import { evaluateCheckpoint } from '../../src/eval/index.ts';
import { metaGraph } from '../../src/graph/index.ts';
import { initialValues, trainableVariables } from '../../src/model/variables.ts';
import { type CollectOptions, collectReport } from '../../src/report/collect.ts';
import type { ReportedRun } from '../../src/report/report-data.ts';
import { EventWriter, evaluationSummaries } from '../../src/summary/index.ts';
import { readScalars } from '../../src/summary/read-scalars.ts';
import { type RunResult, writeResult } from '../../src/sweep/result.ts';
import { keepSweep } from '../../src/sweep/sweep-folder.ts';
import { CIFAR10, CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import { taskNamed } from '../../src/tasks/index.ts';
import { train } from '../../src/train/index.ts';
import type { Tensor } from '../../src/wire/tensor.ts';
import { fewPictures, noting, trainOptions } from '../train/run.ts';
import { SAMPLE_RESULT } from './sample-result.ts';

const STEPS = 4;
const COUNT = 10;

let root: string;
/** A train_dir; whoever writes into it copies it first. */
let trained: string;
let engine: Engine;
let records: Records;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'report-'));
  trained = join(root, 'trained');
  const dataDir = await fewPictures();
  records = await loadSplit('test', { name: 'cifar10', dataDir });
  const pruning_hparams =
    'name=mine,initial_sparsity=0.25,target_sparsity=0.75,sparsity_function_end_step=3,' +
    'sparsity_function_exponent=1,pruning_frequency=1,do_not_prune=[softmax]';
  const settings = { batch_size: 2, seed: 7, pruning_hparams };
  const options = {
    trainDir: trained,
    dataDir,
    maxSteps: STEPS,
    settings,
    saveSummariesSteps: 1,
    threads: 1,
  };
  await train(trainOptions(options), noting());
  await rm(dataDir, { recursive: true });
  ({ engine } = await selectEngine({ engine: 'simd', threads: 1, network: CIFAR10_NETWORK }));
}, 60_000);
afterAll(async () => {
  await engine.dispose();
  await rm(root, { recursive: true });
});

async function copied(...names: string[]): Promise<string> {
  const dir = join(root, ...names);
  await cp(trained, dir, { recursive: true });
  return dir;
}

async function collected(dirs: readonly string[], given: Partial<CollectOptions> = {}) {
  const notices: string[] = [];
  const options: CollectOptions = {
    version: '1.2.3',
    evaluate: false,
    mistakes: 0,
    defaultTask: CIFAR10,
    taskNamed,
    engine: async () => engine,
    testSet: async () => records,
    onNotice: (line) => notices.push(line),
    ...given,
  };
  return { ...(await collectReport(dirs, options)), notices };
}

const onlyRun = ({ runs }: { readonly runs: readonly ReportedRun[] }) => {
  expect(runs).toHaveLength(1);
  return runs[0]!;
};

test('a train_dir tells settings, masks, weights and curves', async () => {
  const data = await collected([trained]);
  expect(data).toMatchObject({ version: '1.2.3', notices: [] });
  expect(data.classNames[3]).toBe('cat');
  const run = onlyRun(data);
  expect(run).toMatchObject({
    name: 'trained',
    folder: trained,
    step: STEPS,
    models: [],
    timings: [],
    mistakes: [],
  });
  expect(run.settings).toMatchObject({
    seed: '7',
    batch_size: '2',
    dataset: 'cifar10',
    name: 'mine',
    target_sparsity: '0.75',
    do_not_prune: '[softmax]',
    weight_sparsity_map: '[]',
  });
  expect(run).not.toHaveProperty('averages');
  expect(run.trainingSeconds).toBeGreaterThan(0);

  expect(run.curves.sparsity!.steps).toEqual([1, 2, 3, 4]);
  expect(run.curves.sparsity!.values.map((value) => value.toFixed(4))).toEqual([
    '0.4167',
    '0.5833',
    '0.7500',
    '0.7500',
  ]);
  const losses = await readScalars(trained, ['total_loss', 'total_loss/raw']);
  const [averages, raw] = ['total_loss', 'total_loss/raw'].map((tag) => losses.scalars.get(tag)!.values);
  expect(run.curves.totalLoss!.steps).toEqual([1, 2, 3, 4]);
  expect(run.curves.totalLoss!.values[0]).toBeCloseTo(raw![0]!, 5);
  expect(run.curves.totalLoss!.values[3]).toBeCloseTo(averages![3]! / (1 - 0.9 ** 4), 5);
  expect(run.curves.learningRate!.values[0]).toBe(0.1);
  expect(run.curves).not.toHaveProperty('precision');

  expect(run.layers.map(({ name, weights }) => [name, weights])).toEqual([
    ['conv1', 4800],
    ['conv2', 102_400],
    ['local3', 884_736],
    ['local4', 73_728],
    ['softmax_linear', 1920],
  ]);
  const checkpoint = await openCheckpoint(join(trained, `model.ckpt-${STEPS}`));
  let masked = 0;
  for (const layer of run.layers) {
    const [weights, mask] = (
      await Promise.all([checkpoint.read(`${layer.name}/weights`), checkpoint.read(`${layer.name}/mask`)])
    ).map(({ data }) => data as Float32Array) as [Float32Array, Float32Array];
    const kept = [...weights].filter((_, index) => mask[index] === 1);
    const { low, high, counts, masked: hidden } = layer.histogram;
    expect(counts).toHaveLength(60);
    expect(hidden).toBe(weights.length - kept.length);
    expect(layer.sparsity).toBeCloseTo(hidden / weights.length, 10);
    expect(counts.reduce((sum, count) => sum + count)).toBe(kept.length);
    const reach = kept.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect([low, high]).toEqual([-reach, reach]);
    // The outer bins and the inner ones, counted anew.
    const within = (bin: number) =>
      kept.filter((value) => Math.min(59, Math.floor(((value + reach) / (2 * reach)) * 60)) === bin).length;
    for (const bin of [0, 29, 30, 45, 59])
      expect(Math.abs(counts[bin]! - within(bin))).toBeLessThanOrEqual(1);
    const [threshold] = (await checkpoint.read(`${layer.name}/threshold`)).data as Float32Array;
    expect(layer.threshold).toBe(threshold);
    expect(layer.sparsityCurve!.values.at(-1)).toBeCloseTo(layer.sparsity, 6);
    masked += hidden;
  }
  expect(run.layers[0]!.sparsity).toBeCloseTo(0.75, 3);
  expect(run.layers[4]!.sparsity).toBe(0);
  expect(run.sparsity).toBeCloseTo(masked / 1_067_584, 10);
  expect(run.layers.map(({ filters }) => filters !== undefined)).toEqual([true, false, false, false, false]);
});

test('pictures that are taken for another class come with what they were taken for', async () => {
  const run = onlyRun(await collected([trained], { mistakes: 3, evaluate: true }));
  const { correct, confusion } = run.averages!;
  const wrong = COUNT - correct!;
  expect(run.mistakes).toHaveLength(Math.min(3, wrong));
  for (const { index, label, top, picture } of run.mistakes) {
    expect(label).toBe(records.label(index));
    expect(top).toHaveLength(3);
    expect(top[0]!.class).not.toBe(label);
    expect(confusion![label]![top[0]!.class]).toBeGreaterThan(0);
    const probabilities = top.map(({ probability }) => probability);
    expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a));
    expect(picture).toMatch(/^data:image\/png;base64,/);
  }
  const all = onlyRun(await collected([trained], { mistakes: COUNT }));
  expect(all.mistakes).toHaveLength(wrong);
});

test('without the test set there are no mistakes', async () => {
  const asked: unknown[] = [];
  const testSet: CollectOptions['testSet'] = async ({ name }, isNeeded) =>
    void asked.push([name, isNeeded]) as undefined;
  expect(onlyRun(await collected([trained], { mistakes: 3, testSet })).mistakes).toEqual([]);
  expect(asked).toEqual([['cifar10', false]]);
});

test('--evaluate measures averages and raw weights', async () => {
  const run = onlyRun(await collected([trained], { evaluate: true }));
  for (const [found, weights] of [
    [run.averages!, 'moving averages'],
    [run.raw!, 'raw weights'],
  ] as const) {
    const { accuracy, correct, count, confusion } = await evaluateCheckpoint(trained, engine, weights, {
      task: CIFAR10,
      records,
      batchSize: 5,
    });
    expect(found).toEqual({ accuracy, correct, count, confusion });
  }
});

test('the accuracy is that of the newest evaluation, if that is of the newest checkpoint', async () => {
  const dir = await copied('evaluated');
  const events = new EventWriter(join(dir, 'eval'));
  events.add(2, evaluationSummaries(0.5));
  events.add(STEPS, evaluationSummaries(0.6));
  events.add(STEPS, evaluationSummaries(0.7));
  const run = onlyRun(await collected([dir]));
  expect(run.averages).toEqual({ accuracy: 0.7 });
  expect(run.curves.precision).toEqual({ steps: [2, STEPS], values: [0.5, 0.7] });
  expect(run).not.toHaveProperty('raw');
  events.add(STEPS + 1, evaluationSummaries(0.8));
  events.close();
  expect(onlyRun(await collected([dir]))).not.toHaveProperty('averages');
});

const result: RunResult = {
  ...SAMPLE_RESULT,
  settings: { ...SAMPLE_RESULT.settings, data_dir: 'x', threads: '3' },
  step: STEPS,
};

test('a sweep tells what it has measured, in its order, and leaves out what has not begun', async () => {
  const dir = join(root, 'sweep');
  const runs = ['b', 'a', 'c'].map((name) => ({ name, settings: result.settings }));
  await keepSweep(dir, { runs, formats: ['pb'], weightFormats: ['dense'], numExamples: 2 });
  await writeResult(await copied('sweep', 'a'), result);
  await writeResult(await copied('sweep', 'b'), { ...result, step: STEPS - 1 });
  const data = await collected([dir], { evaluate: true });
  expect(data.runs.map(({ name, folder }) => [name, folder])).toEqual([
    ['b', join(dir, 'b')],
    ['a', join(dir, 'a')],
  ]);
  expect(data.notices).toEqual([
    'b is at step 4, and its result.json of step 3: accuracy, sizes and times are left out',
    'c has no checkpoint yet, and is left out',
  ]);
  const [stale, fresh] = data.runs;
  expect(fresh).toMatchObject({
    averages: SAMPLE_RESULT.averages,
    raw: { accuracy: 0.25 },
    models: [{ format: 'pb', weightFormat: 'dense', bytes: 9, gzippedBytes: 8 }],
    timings: [{ batchSize: 1, threads: 2, millisecondsAnImage: 0.5 }],
    settings: { max_steps: '4', seed: '7' },
  });
  expect(Object.keys(fresh!.settings)).not.toContain('data_dir');
  expect(Object.keys(fresh!.settings)).not.toContain('threads');
  expect(stale!.models).toEqual([]);
  expect(stale!.averages!.count).toBe(COUNT);
});

test('folders in a folder are found by name, each once, and names that clash become paths', async () => {
  const [two, ten] = [await copied('many', 'run-2'), await copied('many', 'deep', 'run-10')];
  const other = await copied('others', 'run-2');
  const names = async (...dirs: string[]) => (await collected(dirs)).runs.map(({ name }) => name);
  expect(await names(join(root, 'many'))).toEqual([join('deep', 'run-10'), 'run-2']);
  expect(await names(ten, join(root, 'many'))).toEqual(['run-10', 'run-2']);
  expect(await names(join(root, 'many'), join(root, 'others'))).toEqual([join('deep', 'run-10'), two, other]);
});

test('a network that was trained without pruning has layers without zeros', async () => {
  const dir = join(root, 'foreign');
  const values = initialValues(CIFAR10_NETWORK, 3);
  const variables = new Map<string, Tensor>();
  for (const { name, shape } of trainableVariables(CIFAR10_NETWORK))
    variables.set(name, { dtype: 'float32', shape: [...shape], data: values.get(name)! });
  await mkdir(dir);
  const graph = metaGraph(CIFAR10_NETWORK, { pruningName: 'p', keep: 5 });
  await saveCheckpoint({ dir, step: 9, variables, metaGraph: graph, keep: 5 });
  const run = onlyRun(await collected([dir], { mistakes: 1, evaluate: true }));
  expect(run).toMatchObject({ step: 9, sparsity: 0, settings: {}, curves: {} });
  expect(run).not.toHaveProperty('trainingSeconds');
  expect(run).not.toHaveProperty('averages');
  expect(run.raw!.count).toBe(COUNT);
  expect(run.layers[1]).toMatchObject({ sparsity: 0, threshold: 0 });
});

test.each<[string, (dir: string) => Promise<unknown>, string, string]>([
  ['no folder', (dir) => rm(dir, { recursive: true }), 'file', 'there is no folder DIR'],
  [
    'no run',
    async (dir) => {
      for (const name of await readdir(dir)) await rm(join(dir, name));
    },
    'file',
    'DIR holds no run, expected a train_dir, a sweep_dir or a folder that contains some of them',
  ],
  [
    'no checkpoint',
    async (dir) => {
      for (const name of await readdir(dir)) if (name !== 'run.json') await rm(join(dir, name));
    },
    'checkpoint',
    'no run in DIR has a checkpoint yet',
  ],
  [
    'a damaged result',
    (dir) => writeFile(join(dir, 'result.json'), '{"step": 4, "exports": []}'),
    'file',
    'DIR/result.json does not hold the result of a run, expected JSON as sweep writes it',
  ],
  [
    'a result that is no JSON',
    (dir) => writeFile(join(dir, 'result.json'), '{'),
    'file',
    'DIR/result.json does not hold the result of a run, expected JSON as sweep writes it',
  ],
  [
    'a damaged sweep',
    (dir) => writeFile(join(dir, 'sweep.json'), '[]'),
    'file',
    'DIR/sweep.json does not hold a sweep, expected JSON as sweep writes it',
  ],
  [
    'a damaged event file',
    (dir) => writeFile(join(dir, 'events.out.tfevents.0000000001.x'), 'x'.repeat(20)),
    'file',
    'DIR/events.out.tfevents.0000000001.x: the record at byte 0 is corrupt: its checksum does not match',
  ],
])('%s is told in a line', async (name, spoil, code, message) => {
  const dir = await copied(`spoilt ${name}`);
  await spoil(dir);
  await expect(collected([dir])).rejects.toMatchObject({
    code,
    message: message.replace('DIR', dir),
    hint: expect.any(String),
  });
});

test('runs of two datasets do not go into one report', async () => {
  const dir = await copied('synthetic');
  await writeFile(
    join(dir, 'run.json'),
    JSON.stringify({ seed: 1, pruning_hparams: '', dataset: 'synthetic', batch_size: 2 }),
  );
  await expect(collected([trained, dir])).rejects.toThrow(
    'trained was trained on cifar10 and synthetic on synthetic, expected one dataset',
  );
  expect((await collected([dir])).classNames).not.toContain('cat');
});
