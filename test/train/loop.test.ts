import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { SimdEngine } from '../../src/engine/simd/simd-engine.ts';
import { type TrainObserver, type TrainOptions, train } from '../../src/train/index.ts';
import { readEvents, readSummaries } from '../summary/read-events.ts';
import { fewPictures, noting, trainOptions } from './run.ts';

const HPARAMS =
  'name=p,initial_sparsity=0.3,target_sparsity=0.9,pruning_frequency=2,sparsity_function_end_step=6';

let dataDir: string;
let dir: string;
let lines: string[];
let observer: TrainObserver;
const options = (maxSteps: number, changes: Partial<TrainOptions> = {}): TrainOptions =>
  trainOptions({
    trainDir: join(dir, 'run'),
    settings: { batch_size: 2, pruning_hparams: HPARAMS },
    dataDir,
    maxSteps,
    saveSummariesSteps: 4,
    ...changes,
  });
const dataOf = (run: string, step: number) =>
  readFile(join(dir, run, `model.ckpt-${step}.data-00000-of-00001`));

beforeAll(async () => {
  dataDir = await fewPictures();
});

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'train-'));
  lines = [];
  observer = noting(lines);
});

test('a run that was stopped and continued ends with the same bits as one that was not', async () => {
  const whole = await train(options(6, { trainDir: join(dir, 'whole') }), observer);
  expect(whole.sparsity).toBeCloseTo(0.9, 3);
  await train(options(3), observer);
  const continued = await train(options(6, { settings: {} }), observer);
  expect(lines).toContain(`continuing from ${join(dir, 'run', 'model.ckpt-3')}; --overwrite starts anew`);
  expect(continued.loss).toBe(whole.loss);
  expect((await dataOf('run', 6)).equals(await dataOf('whole', 6))).toBe(true);
});

test('a mask update between two summaries shows the scalars of pruning, once and without histograms', async () => {
  await train(options(6), observer);
  const [events] = (await readdir(join(dir, 'run'))).filter((name) => name.startsWith('events.'));
  const path = join(dir, 'run', events!);
  const points = readEvents(path).flatMap(({ step, what }) =>
    what.case === 'summary' ? what.value.value.map(({ tag }) => `${tag} ${step}`) : [],
  );
  const stepsOf = (tag: string) =>
    points.filter((point) => point.startsWith(`${tag} `)).map((point) => Number(point.split(' ')[1]));
  // Steps 1, 4 and 6 are shown whole, steps 2, 4 and 6 update masks.
  for (const tag of [
    'sparsity',
    'last_mask_update_step',
    'conv1/mask/sparsity',
    'local4/threshold/threshold',
  ])
    expect(stepsOf(`p_summaries/${tag}`)).toEqual([1, 2, 4, 6]);
  expect(stepsOf('total_loss')).toEqual([1, 4, 6]);
  const tags = [...readSummaries(path).get(2)!.keys()];
  expect(tags.every((tag) => tag.startsWith('p_summaries/'))).toBe(true);
});

test('an interruption saves the step that was reached', async () => {
  const controller = new AbortController();
  const step = () => controller.abort();
  const result = await train(options(6, { signal: controller.signal }), { ...observer, step });
  expect(result).toMatchObject({ step: 1, interrupted: true, checkpoint: join(dir, 'run', 'model.ckpt-1') });
});

test('an interruption at the last step comes too late: the run has succeeded', async () => {
  const controller = new AbortController();
  const step = () => controller.abort();
  const result = await train(options(1, { signal: controller.signal }), { ...observer, step });
  expect(result).toMatchObject({ step: 1, interrupted: false });
  const [events] = (await readdir(join(dir, 'run'))).filter((name) => name.startsWith('events.'));
  expect(
    readSummaries(join(dir, 'run', events!))
      .get(1)
      ?.has('_hparams_/session_end_info'),
  ).toBe(true);
});

test('a run ends at the step whose loss is no number', async () => {
  const trainStep = SimdEngine.prototype.trainStep;
  let steps = 0;
  vi.spyOn(SimdEngine.prototype, 'trainStep').mockImplementation(async function (this: SimdEngine, ...given) {
    const result = await trainStep.apply(this, given);
    return ++steps === 2 ? { ...result, totalLoss: Number.NaN } : result;
  });
  const failing = train(options(6, { engine: 'simd' }), observer);
  await expect(failing).rejects.toMatchObject({
    code: 'diverged',
    message: expect.stringContaining('NaN at step 2'),
  });
  vi.restoreAllMocks();
});

test('other settings than the run has are refused with both shown, and nothing changes', async () => {
  await train(options(1), observer);
  const before = await readdir(join(dir, 'run'));
  const settings = { seed: 7, pruning_hparams: HPARAMS.replace('0.9', '0.5') };
  await expect(train(options(2, { settings }), observer)).rejects.toMatchObject({
    code: 'argument',
    message: expect.stringMatching(/seed was 1, now 7; hparam target_sparsity was 0.9, now 0.5/),
  });
  expect(await readdir(join(dir, 'run'))).toEqual(before);
});

test('a train_dir that is a file is refused and kept', async () => {
  const file = join(dir, 'file');
  await writeFile(file, 'mine');
  await expect(train(options(1, { trainDir: file }), observer)).rejects.toThrow(
    'is a file, expected a folder',
  );
  expect(await readFile(file, 'utf8')).toBe('mine');
});

test("overwriting deletes the old run and nothing of the user's", async () => {
  const run = join(dir, 'run');
  await mkdir(run);
  await writeFile(join(run, 'notes.txt'), 'mine');
  await train(options(1, { trainDir: join(dir, 'fresh') }), observer);
  const told = lines.splice(0);
  await train(options(2), observer);
  lines.splice(0);
  await train(options(1, { overwrite: true }), observer);
  expect(lines).toEqual(told);
  const files = await readdir(run);
  expect(files).toContain('notes.txt');
  expect(files).not.toContain('model.ckpt-2.index');
  expect(files.filter((file) => file.startsWith('events.'))).toHaveLength(1);
});

test('a batch that memory does not hold is refused before anything is deleted or written', async () => {
  await train(options(1), observer);
  const before = await readdir(join(dir, 'run'));
  const settings = { batch_size: 100_000_000 };
  const refused = train(options(2, { settings, overwrite: true, engine: 'simd' }), observer);
  await expect(refused).rejects.toMatchObject({
    code: 'engine',
    hint: expect.stringContaining('--batch_size'),
  });
  expect(await readdir(join(dir, 'run'))).toEqual(before);
});

test('what cannot compute is refused before the pictures are looked for', async () => {
  const impossible = options(1, { dataDir: join(dir, 'nothing'), engine: 'simd', backend: 'wasm' });
  await expect(train(impossible, observer)).rejects.toThrow('engine simd has no backend wasm');
});

test('a second run in the same folder is refused, also to overwrite it, and changes nothing', async () => {
  const run = join(dir, 'run');
  const second: Promise<unknown>[] = [];
  const step = () => {
    if (second.length === 0)
      second.push(train(options(1, { overwrite: true }), noting()).catch((error) => error));
  };
  await train(options(12), { ...observer, step });
  expect(await second[0]).toMatchObject({
    code: 'file',
    message: expect.stringContaining(`${run} is in use by process ${process.pid} on `),
  });
  const files = await readdir(run);
  expect(files).toContain('model.ckpt-12.index');
  expect(files).not.toContain('.train.lock');
});

test('a run that is refused leaves no folder behind', async () => {
  const run = join(dir, 'new/run');
  const settings = { batch_size: 100_000_000 };
  await expect(train(options(1, { trainDir: run, settings, engine: 'simd' }), observer)).rejects.toThrow();
  expect(await readdir(dir)).toEqual([]);
});
