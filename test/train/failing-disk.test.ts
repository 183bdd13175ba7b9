import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { UserError } from '../../src/errors.ts';
import { train } from '../../src/train/index.ts';
import { EventSchema, SessionLog_SessionStatus as Status } from '../../src/wire/protos.ts';
import { decodeRecords } from '../../src/wire/record.ts';
import { failure } from '../failing-files.ts';
import { fewPictures, noting, trainOptions } from './run.ts';

/** Whether event files can no longer be written. */
let areEventsFull = false;
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const writeSync = (...args: unknown[]) => {
    if (areEventsFull)
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), {
        code: 'ENOSPC',
        errno: -28,
      });
    return (fs.writeSync as (...args: unknown[]) => number)(...args);
  };
  return { ...fs, writeSync };
});
vi.mock('node:fs/promises', async (original) => {
  const { failing } = await import('../failing-files.ts');
  return failing(await original());
});

const HPARAMS = 'initial_sparsity=0.3,target_sparsity=0.9,pruning_frequency=1,sparsity_function_end_step=5';

let dataDir: string;
let run: string;
const options = (maxSteps: number) =>
  trainOptions({
    trainDir: run,
    settings: { batch_size: 2, pruning_hparams: HPARAMS },
    dataDir,
    maxSteps,
    saveCheckpointSteps: 4,
    saveSummariesSteps: 1,
  });
/** A run to step 8 in which something happens after a step; its error. */
const failingRun = (at: number, act: () => void, overwrite = false): Promise<UserError> =>
  train(
    { ...options(8), overwrite },
    {
      ...noting(),
      step: ({ step }) => {
        if (step === at) act();
      },
    },
  ).then(
    () => expect.fail('the run should have failed'),
    (error) => error,
  );
const fillDisk = () => Object.assign(failure, { kills: false, changesLeft: 0 });
const isData = (name: string) => name.endsWith('.data-00000-of-00001');
const saved = async () =>
  (await readdir(run)).filter((name) => /\.(index|data.*|meta|tmp)$/.test(name)).sort();
const filesOf = (...steps: number[]) =>
  steps.flatMap((step) =>
    ['data-00000-of-00001', 'index', 'meta'].map((part) => `model.ckpt-${step}.${part}`),
  );
const lastData = async (dir: string) => readFile(join(dir, 'model.ckpt-8.data-00000-of-00001'));

async function eventsOf(dir: string) {
  const files = (await readdir(dir)).filter((name) => name.startsWith('events.')).sort();
  const contents = await Promise.all(files.map((name) => readFile(join(dir, name))));
  return contents.flatMap((bytes) =>
    Array.from(decodeRecords(bytes), (record) => fromBinary(EventSchema, record)),
  );
}

async function sessionEnds(): Promise<number> {
  const values = (await eventsOf(run)).flatMap(({ what }) =>
    what.case === 'summary' ? what.value.value : [],
  );
  return values.filter(({ tag }) => tag === '_hparams_/session_end_info').length;
}

/** Continues the run on a disk with room, and expects the uninterrupted one's end. */
async function expectToContinue(): Promise<void> {
  areEventsFull = false;
  failure.reset();
  expect(await sessionEnds()).toBe(0);
  await train(options(8), noting());
  expect((await lastData(run)).equals(await lastData(whole))).toBe(true);
  expect(await sessionEnds()).toBe(1);
}

let whole: string;
beforeAll(async () => {
  dataDir = await fewPictures();
  whole = run = await mkdtemp(join(tmpdir(), 'whole-'));
  await train(options(8), noting());
}, 60_000);

beforeEach(async () => {
  areEventsFull = false;
  failure.reset();
  run = join(await mkdtemp(join(tmpdir(), 'disk-')), 'run');
});

test('where the event file has no room, the last step is saved and said to be', async () => {
  const error = await failingRun(6, () => {
    areEventsFull = true;
  });
  expect(error).toMatchObject({
    code: 'file',
    message: expect.stringMatching(
      /^cannot write to .*events.*ENOSPC.*; step 7 is saved in .*model\.ckpt-7$/,
    ),
    hint: expect.stringMatching(/Free some space.* Run the same command to continue\.$/),
  });
  expect(await saved()).toEqual(filesOf(0, 4, 7));
  await expectToContinue();
});

test('where nothing has room, the checkpoint before is said to be the newest, and no parts stay', async () => {
  const fillAll = () => {
    areEventsFull = true;
    fillDisk();
  };
  const error = await failingRun(6, fillAll, true);
  expect(error.message).toMatch(
    /^cannot write to .*events.*; the run had come to step 7; step 4 is saved in .*model\.ckpt-4$/,
  );
  // That would delete it.
  expect(error.hint).toMatch(/ Run the same command without --overwrite to continue\.$/);
  expect(await saved()).toEqual(filesOf(0, 4));
  await expectToContinue();
});

test('where a checkpoint has no room, the one before stays whole, whichever file it is', async () => {
  // The file that lists it, then data, meta and index: each is opened, written, synced and renamed.
  for (const changes of [5, 13]) {
    run = join(await mkdtemp(join(tmpdir(), 'disk-')), 'run');
    const error = await failingRun(7, () => Object.assign(failure, { kills: false, changesLeft: changes }));
    failure.reset();
    expect(error).toMatchObject({
      code: 'file',
      message: expect.stringMatching(
        /^cannot write .*: no space left on device; the run had come to step 8; step 4 is saved in .*model\.ckpt-4$/,
      ),
    });
    expect(await saved()).toEqual(filesOf(0, 4));
  }
  await expectToContinue();
});

test('an error of whoever watches loses no step either', async () => {
  const bug = new Error('no more paper');
  const error = await failingRun(6, () => {
    throw bug;
  });
  expect(error).toBe(bug);
  expect((await saved()).filter(isData)).toEqual(filesOf(0, 4, 6).filter(isData));
  await expectToContinue();
});

test('a run that ends says so to TensorBoard once, and every session stops', async () => {
  const sessions = (await eventsOf(whole)).flatMap(({ what }) =>
    what.case === 'sessionLog' ? [what.value.status] : [],
  );
  expect(sessions).toEqual([
    Status.START,
    Status.CHECKPOINT,
    Status.CHECKPOINT,
    Status.CHECKPOINT,
    Status.STOP,
  ]);
});
