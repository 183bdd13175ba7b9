import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { readState } from '../../src/checkpoint/index.ts';
import { train } from '../../src/train/index.ts';
import { failure } from '../failing-files.ts';
import { fewPictures, noting, trainOptions } from '../train/run.ts';
import { runPython } from './python.ts';

vi.mock('node:fs/promises', async (original) => {
  const { failing } = await import('../failing-files.ts');
  return failing(await original());
});

const HPARAMS = 'initial_sparsity=0.3,target_sparsity=0.9,pruning_frequency=1,sparsity_function_end_step=3';

let folder: string;
let dataDir: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interop-run-'));
  dataDir = await fewPictures();
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => failure.reset());

const options = (maxSteps: number) =>
  trainOptions({
    trainDir: join(folder, 'run'),
    settings: { batch_size: 2, seed: 7, pruning_hparams: HPARAMS },
    dataDir,
    maxSteps,
    saveCheckpointSteps: 1,
    keepCheckpoints: 2,
  });

test('TensorFlow reads the folder of a run that was stopped at any change of a save, failed, and was continued', async () => {
  const { trainDir } = options(1);
  await train(options(3), noting());
  const states = join(folder, 'states');
  await mkdir(states);
  const before = join(folder, 'before');
  await cp(trainDir, before, { recursive: true });
  failure.reset();
  await train(options(4), noting());
  const changes = failure.changes.length;
  for (let done = 0; done < changes; done++) {
    await rm(trainDir, { recursive: true });
    await cp(before, trainDir, { recursive: true });
    failure.reset();
    failure.changesLeft = done;
    await expect(train(options(4), noting())).rejects.toThrow();
    failure.reset();
    await cp(trainDir, join(states, String(done)), { recursive: true });
  }
  expect((await readState(trainDir))?.latest).toBe(join(trainDir, 'model.ckpt-4'));
  await train(options(6), noting());

  const {
    settings,
    step,
    statuses,
    states: found,
  } = JSON.parse(await runPython('run.py', [trainDir, states]));
  expect(step).toBe(6);
  expect(settings).toMatchObject({ seed: 7, batch_size: 2, pruning_hparams: expect.stringContaining('0.9') });
  // Every session but the last one failed.
  expect(statuses).toEqual(['STATUS_SUCCESS']);
  for (const [done, [latest, counted]] of Object.entries(found as Record<string, [string, string[]]>)) {
    expect(['model.ckpt-3', 'model.ckpt-4'], done).toContain(latest);
    expect(counted, done).toContain(latest);
  }
});
