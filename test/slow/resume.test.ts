import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { existingCheckpoint, openCheckpoint } from '../../src/checkpoint/index.ts';

const PROGRAM = 'dist/bin/cifar10-prune.js';
const HPARAMS =
  'name=cifar10_pruning,initial_sparsity=0.3,target_sparsity=0.9,sparsity_function_begin_step=10,sparsity_function_end_step=110';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resume-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function train(name: string, maxSteps: number): Promise<void> {
  const flags = {
    dataset: 'synthetic',
    train_dir: join(folder, name),
    batch_size: 8,
    max_steps: maxSteps,
    pruning_hparams: HPARAMS,
  };
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  await promisify(execFile)(process.execPath, [PROGRAM, 'train', ...args]);
}

it('a run that stops at step 70 and goes on to 120 ends as one that ran through, bit for bit', async () => {
  await train('whole', 120);
  await train('in two parts', 70);
  await train('in two parts', 120);
  const [whole, parts] = await Promise.all(
    ['whole', 'in two parts'].map(async (name) =>
      openCheckpoint(await existingCheckpoint(join(folder, name))),
    ),
  );
  expect([whole!.step, parts!.step]).toEqual([120, 120]);
  expect(whole!.names).toHaveLength(39);
  expect(parts!.names).toEqual(whole!.names);
  for (const name of whole!.names) expect(await parts!.read(name), name).toEqual(await whole!.read(name));
  const { data } = await whole!.read('local3/mask');
  expect(Array.from(data, Number).reduce((sum, one) => sum + one, 0) / data.length).toBeCloseTo(0.1, 4);
});
