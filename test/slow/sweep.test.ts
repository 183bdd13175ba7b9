import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeData } from '../cli/data-fixture.ts';

const PROGRAM = 'dist/bin/cifar10-prune.js';
const NAMES = ['target_sparsity=0.5,seed=1', 'target_sparsity=0.9,seed=1'];
const STEPS = 60;

let folder: string;
let flags: string[];
let whole: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sweep-'));
  const grid = ['--sparsity=0.5,0.9', '--seeds=1', `--max_steps=${STEPS}`, '--batch_size=16'];
  flags = [...grid, `--data_dir=${await writeData()}`, '--num_examples=60', '--weight_formats=sparse'];
  whole = join(folder, 'whole');
  await sweep(whole, ...flags);
});
afterAll(() => rm(folder, { recursive: true }));

const run = promisify(execFile);
const sweep = (dir: string, ...more: string[]) =>
  run(process.execPath, [PROGRAM, 'sweep', `--sweep_dir=${dir}`, ...more]);
const start = (dir: string, ...more: string[]) =>
  spawn(process.execPath, [PROGRAM, 'sweep', `--sweep_dir=${dir}`, ...more], { stdio: 'ignore' });

const files = ['data-00000-of-00001', 'index', 'meta'].map((ending) => `model.ckpt-${STEPS}.${ending}`);

/** What decides that two sweeps came to the same end: the last checkpoints' bytes, accuracies and sizes. */
async function outcome(dir: string) {
  return Promise.all(
    NAMES.map(async (name) => {
      const bytes = await Promise.all(files.map((file) => readFile(join(dir, name, file), 'base64')));
      const { timings, ...result } = JSON.parse(await readFile(join(dir, name, 'result.json'), 'utf8'));
      return { bytes, result, batchSizes: timings.map(({ batchSize }: { batchSize: number }) => batchSize) };
    }),
  );
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await condition()); tries++) {
    if (tries > 600) throw new Error('waited in vain');
    await sleep(50);
  }
}

const log = (dir: string, name: string) => readFile(join(dir, name, 'log.txt'), 'utf8').catch(() => '');
const end = async (child: ChildProcess) =>
  child.exitCode === null ? (await once(child, 'exit'))[0] : child.exitCode;

test('evaluates, strips, measures and compares its runs', async () => {
  const { stdout } = await sweep(whole, '--json');
  const { runs } = JSON.parse(stdout);
  expect(runs.map(({ name }: { name: string }) => name)).toEqual(NAMES);
  expect(runs.map(({ sparsity }: { sparsity: number }) => sparsity.toFixed(3))).toEqual(['0.500', '0.900']);
  for (const { averages, raw, exports, name, timings } of runs) {
    expect([averages.count, raw.count]).toEqual([60, 60]);
    const [model] = exports;
    expect((await readFile(join(whole, name, model.files[0]))).length).toBe(model.bytes);
    for (const time of timings) expect(time.millisecondsAnImage).toBeGreaterThan(0);
  }
  expect(runs[1].exports[0].bytes).toBeLessThan(runs[0].exports[0].bytes);
});

test('stopped and killed at will, with two at once in the end, it ends bit for bit as one that was left alone', async () => {
  const dir = join(folder, 'disturbed');
  const stopped = start(dir, ...flags);
  await until(async () => (await log(dir, NAMES[0]!)).includes('step 10,'));
  stopped.kill('SIGTERM');
  expect(await end(stopped)).toBe(143);
  expect(await log(dir, NAMES[0]!)).toContain('checkpoint saved');

  const killed = start(dir);
  await until(async () => (await log(dir, NAMES[0]!)).split('continuing from').length > 1);
  killed.kill('SIGKILL');
  // Its run notices, saves a checkpoint and gives its folder free.
  await until(async () => !(await readdir(join(dir, NAMES[0]!))).includes('.sweep.lock'));

  const both = [start(dir, '--threads=1'), start(dir, '--threads=1')];
  for (const child of both) expect(await end(child)).toBe(0);
  await sweep(dir);
  expect(await outcome(dir)).toEqual(await outcome(whole));
});

test('each printed line carries out one run', async () => {
  const dir = join(folder, 'printed');
  const { stdout } = await sweep(dir, ...flags, '--print');
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(2);
  for (const line of lines) expect((await run('sh', ['-c', line])).stdout).toContain('│ target_sparsity=');
  expect((await sweep(dir, '--print')).stdout).toBe('');
  await sweep(dir);
  expect(await outcome(dir)).toEqual(await outcome(whole));
});

test('a run that fails does not stop the others, and is tried again', async () => {
  const dir = join(folder, 'failing');
  await sweep(dir, ...flags, '--print');
  await writeFile(join(dir, NAMES[0]!), 'in the way');
  const failure = await sweep(dir).catch((error) => error);
  expect(failure.code).toBe(1);
  expect(failure.stderr).toMatch(/error: 1 of 2 runs failed: target_sparsity=0\.5,seed=1: .*\nhint: .*\n$/);
  expect(failure.stdout).toContain('target_sparsity=0.9');
  await rm(join(dir, NAMES[0]!));
  await sweep(dir);
  expect(await outcome(dir)).toEqual(await outcome(whole));
});
