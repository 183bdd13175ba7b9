import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { writeData } from '../cli/data-fixture.ts';

const PROGRAM = 'dist/bin/cifar10-prune.js';
export const NAMES = ['target_sparsity=0.5,seed=1', 'target_sparsity=0.9,seed=1'];
const STEPS = 60;

/** Flags of a sweep of two short runs. */
export async function shortSweep(): Promise<string[]> {
  const grid = ['--sparsity=0.5,0.9', '--seeds=1', `--max_steps=${STEPS}`, '--batch_size=16'];
  return [...grid, `--data_dir=${await writeData()}`, '--num_examples=60', '--weight_formats=sparse'];
}

export const run = promisify(execFile);
export const sweep = (dir: string, ...more: string[]) =>
  run(process.execPath, [PROGRAM, 'sweep', `--sweep_dir=${dir}`, ...more]);
export const start = (dir: string, ...more: string[]) =>
  spawn(process.execPath, [PROGRAM, 'sweep', `--sweep_dir=${dir}`, ...more], { stdio: 'ignore' });

const files = ['data-00000-of-00001', 'index', 'meta'].map((ending) => `model.ckpt-${STEPS}.${ending}`);

/** What decides that two sweeps came to the same end: the last checkpoints' bytes, accuracies and sizes. */
export async function outcome(dir: string) {
  return Promise.all(
    NAMES.map(async (name) => {
      const bytes = await Promise.all(files.map((file) => readFile(join(dir, name, file), 'base64')));
      const { timings, ...result } = JSON.parse(await readFile(join(dir, name, 'result.json'), 'utf8'));
      return { bytes, result, batchSizes: timings.map(({ batchSize }: { batchSize: number }) => batchSize) };
    }),
  );
}

export async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await condition()); tries++) {
    if (tries > 600) throw new Error('waited in vain');
    await sleep(50);
  }
}

/** What is in a file of a sweep so far. */
export const log = (dir: string, ...path: string[]) => readFile(join(dir, ...path), 'utf8').catch(() => '');
export const end = async (child: ChildProcess) =>
  child.exitCode === null ? (await once(child, 'exit'))[0] : child.exitCode;
