import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ownProcess } from '../../src/lock/process.ts';
import { type TrainObserver, type TrainOptions, train } from '../../src/train/index.ts';
import { fewPictures, noting, trainOptions } from './run.ts';

const HPARAMS =
  'name=p,initial_sparsity=0.3,target_sparsity=0.9,pruning_frequency=1,sparsity_function_end_step=3';
const OWN = { batch_size: 2, seed: 7, pruning_hparams: HPARAMS };

let dataDir: string;
let run: string;
let lines: string[];
let observer: TrainObserver;
const options = (maxSteps: number, settings: TrainOptions['settings'] = {}): TrainOptions =>
  trainOptions({ trainDir: run, settings, dataDir, maxSteps, saveCheckpointSteps: 2, saveSummariesSteps: 1 });
/** Trains, and acts at once after the step, before it can be saved. */
const trainWith = (maxSteps: number, at: number, act: () => void) =>
  train(options(maxSteps, OWN), {
    ...observer,
    step: ({ step }) => {
      if (step === at) act();
    },
  });
const file = (name: string) => join(run, name);
const dataOf = (dir: string, step: number) => readFile(join(dir, `model.ckpt-${step}.data-00000-of-00001`));
const settingsOf = async () => JSON.parse(await readFile(file('run.json'), 'utf8'));
const events = async () => (await readdir(run)).filter((name) => name.startsWith('events.'));

/** A run that ended at step 6, and as it was at step 4. */
let whole: string;
let half: string;
beforeAll(async () => {
  dataDir = await fewPictures();
  observer = noting();
  [whole, half] = (await Promise.all(['whole-', 'half-'].map((name) => mkdtemp(join(tmpdir(), name))))) as [
    string,
    string,
  ];
  run = whole;
  await train(options(4, OWN), observer);
  await cp(whole, half, { recursive: true });
  await train(options(6), observer);
}, 60_000);

beforeEach(async () => {
  run = join(await mkdtemp(join(tmpdir(), 'lost-')), 'run');
  lines = [];
  observer = noting(lines);
});

describe('a checkpoint given as train_dir is refused with the way to continue from it, and nothing is made', () => {
  test.each(['model.ckpt-2', 'model.ckpt-3', 'best'])('%s', async (name) => {
    await mkdir(run);
    await writeFile(file('best.meta'), '');
    if (name === 'model.ckpt-2')
      for (const part of ['index', 'meta']) await writeFile(file(`${name}.${part}`), '');
    const before = await readdir(run);
    const asked = { ...options(3), trainDir: file(name) };
    await expect(train(asked, observer)).rejects.toMatchObject({
      code: 'argument',
      message: `train_dir ${file(name)} names a checkpoint, expected a folder`,
      hint: expect.stringContaining(
        `Replace the content of ${file('checkpoint')} by the line model_checkpoint_path: "${name}" and give --train_dir=${run} to continue`,
      ),
    });
    expect(await readdir(run)).toEqual(before);
  });
});

test('a damaged checkpoint is refused with a way to go on that keeps the settings and all checkpoints', async () => {
  await cp(half, run, { recursive: true });
  await truncate(file('model.ckpt-4.data-00000-of-00001'), 100);
  const error = await train(options(6), observer).catch((refusal) => refusal);
  expect(error).toMatchObject({ code: 'checkpoint', message: expect.stringContaining('is damaged') });
  expect(error.hint).not.toContain('instead, here or in');
  const line = /the line (model_checkpoint_path: "[^"]+")/.exec(error.hint)?.[1];
  expect(line).toBe('model_checkpoint_path: "model.ckpt-2"');
  await writeFile(file('checkpoint'), line!);
  await train(options(6), observer);
  expect(await settingsOf()).toMatchObject({ seed: 7, batch_size: 2 });
  expect((await dataOf(run, 6)).equals(await dataOf(whole, 6))).toBe(true);
  expect(await readdir(run)).toEqual(
    expect.arrayContaining([0, 2, 4, 6].map((step) => `model.ckpt-${step}.index`)),
  );
});

describe('the settings are kept with every checkpoint', () => {
  test.each([
    ['missing', () => rm(file('run.json'))],
    ['damaged', () => writeFile(file('run.json'), '{"seed": 7')],
    [
      'of hparams that are none',
      () =>
        writeFile(
          file('run.json'),
          JSON.stringify({ ...OWN, dataset: 'cifar10', pruning_hparams: 'target=1' }),
        ),
    ],
  ] as const)('and serve where run.json is %s', async (_, harm) => {
    await cp(half, run, { recursive: true });
    await harm();
    await train(options(6), observer);
    expect(lines).toContainEqual(
      expect.stringMatching(
        /run\.json is (not there|damaged); the settings are those kept in .*model\.ckpt-4\.meta/,
      ),
    );
    expect((await dataOf(run, 6)).equals(await dataOf(whole, 6))).toBe(true);
    expect(await settingsOf()).toMatchObject({ seed: 7, batch_size: 2 });
  });

  test('those that were changed, too', async () => {
    await cp(half, run, { recursive: true });
    await train({ ...options(5, { seed: 8 }), overrideHparams: true }, observer);
    await rm(file('run.json'));
    await train(options(6), observer);
    expect(await settingsOf()).toMatchObject({ seed: 8, batch_size: 2 });
  });

  test('a damaged run.json is not replaced by defaults where the checkpoint has none', async () => {
    await cp(half, run, { recursive: true });
    await rm(file('model.ckpt-4.meta'));
    await writeFile(file('run.json'), 'damaged');
    await expect(train(options(5), observer)).rejects.toMatchObject({
      code: 'file',
      message: expect.stringContaining('run.json does not hold the settings of a run'),
      hint: expect.stringContaining('Write the settings that the run was started with into it'),
    });
    expect(await readFile(file('run.json'), 'utf8')).toBe('damaged');
  });

  test('a run without a checkpoint yet keeps what it was started with', async () => {
    await mkdir(run);
    await cp(join(half, 'run.json'), file('run.json'));
    await train(options(2), observer);
    expect((await dataOf(run, 2)).equals(await dataOf(whole, 2))).toBe(true);
  });
});

describe('masks of a checkpoint without settings', () => {
  beforeEach(async () => {
    await cp(half, run, { recursive: true });
    await rm(file('run.json'));
    await rm(file('model.ckpt-4.meta'));
  });

  test('are not loosened by hparams that nobody chose', async () => {
    const before = await readdir(run);
    for (const settings of [{}, { pruning_hparams: 'pruning_frequency=1' }])
      await expect(train(options(20, settings), observer)).rejects.toMatchObject({
        code: 'argument',
        message: expect.stringMatching(
          /masked 90\.0% of conv1\/weights \(and of 4 more\), but .* mask \d+\.\d%/,
        ),
        hint: expect.stringContaining('--pruning_hparams'),
      });
    expect(await readdir(run)).toEqual(before);
  });

  test('may be where the user chose so, and stay where nothing is pruned any more', async () => {
    await train(options(5, { batch_size: 2, pruning_hparams: 'begin_pruning_step=1000' }), observer);
    await rm(file('run.json'));
    await rm(file('model.ckpt-5.meta'));
    const target = {
      batch_size: 2,
      pruning_hparams: 'initial_sparsity=0.5,target_sparsity=0.5,pruning_frequency=1',
    };
    expect((await train(options(6, target), observer)).sparsity).toBeCloseTo(0.5, 2);
  });

  test('or with --override_hparams', async () => {
    const settings = { batch_size: 2, pruning_hparams: 'pruning_frequency=1' };
    const result = await train({ ...options(5, settings), overrideHparams: true }, observer);
    expect(result.sparsity).toBeLessThan(0.3);
  });
});

describe('what is deleted under a run', () => {
  test('is made again at the next save if it was the folder, and the run goes on', async () => {
    await trainWith(5, 3, () => rmSync(run, { recursive: true }));
    expect(lines).toContain(
      `${run} was deleted during the run and is made again; earlier checkpoints are lost`,
    );
    const files = await readdir(run);
    for (const name of ['checkpoint', 'graph.pbtxt', 'run.json', 'model.ckpt-4.index', 'model.ckpt-5.index'])
      expect(files).toContain(name);
    expect(await events()).toHaveLength(1);
    expect(files).not.toContain('.train.lock');
    await train(options(6), observer);
    expect((await dataOf(run, 6)).equals(await dataOf(whole, 6))).toBe(true);
  });

  test('is made again also after the last checkpoint', async () => {
    const checkpoint = ({ step }: { step: number }) => {
      if (step === 4 && lines.every((line) => !line.includes('made again'))) rmSync(run, { recursive: true });
    };
    await train(options(4, OWN), { ...observer, checkpoint });
    expect((await dataOf(run, 4)).equals(await dataOf(whole, 4))).toBe(true);
    expect(await settingsOf()).toMatchObject({ seed: 7 });
  });

  test('is put back if it was some files', async () => {
    await trainWith(4, 3, () => {
      const [event] = readdirSync(run).filter((name) => name.startsWith('events.'));
      for (const name of ['.train.lock', 'run.json', 'graph.pbtxt', event!]) rmSync(file(name));
    });
    expect(lines).toContain(
      `deleted from ${run} during the run, now written again: its lock file, run.json, graph.pbtxt, its event file`,
    );
    expect(await readdir(run)).toEqual(
      expect.arrayContaining(['run.json', 'graph.pbtxt', 'model.ckpt-2.index']),
    );
    expect(await events()).toHaveLength(1);
    expect((await dataOf(run, 4)).equals(await dataOf(whole, 4))).toBe(true);
  });

  test('is left to another run that has it now, and the error says how far this one came', async () => {
    const alive = { id: 'x', host: hostname(), pid: process.pid, kernel: false, ...(await ownProcess()) };
    const ended = trainWith(4, 3, () => {
      renameSync(run, `${run}-away`);
      mkdirSync(run);
      writeFileSync(file('.train.lock'), JSON.stringify(alive));
    });
    await expect(ended).rejects.toMatchObject({
      code: 'file',
      message: expect.stringMatching(
        /is in use by process .*: this run, at step 4, has lost the folder and writes nothing more/,
      ),
      hint: 'Train again with another --train_dir.',
    });
    expect(await readdir(run)).toEqual(['.train.lock']);
  });

  test.each([
    ['of other settings', { 'run.json': JSON.stringify({ ...OWN, seed: 8, dataset: 'cifar10' }) }],
    ['of other checkpoints', { checkpoint: 'model_checkpoint_path: "model.ckpt-100"' }],
  ])('is left to a run %s that was in it meanwhile', async (_, content) => {
    const ended = trainWith(4, 3, () => {
      renameSync(run, `${run}-away`);
      mkdirSync(run);
      for (const [name, text] of Object.entries(content)) writeFileSync(file(name), text);
    });
    await expect(ended).rejects.toThrow(`${run} holds another run: this run, at step 4, has lost the folder`);
    expect(await readdir(run)).toEqual(Object.keys(content));
  });
});
