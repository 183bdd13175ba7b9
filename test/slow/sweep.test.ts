import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { end, log, NAMES, outcome, run, shortSweep, start, sweep, until } from './sweeps.ts';

let folder: string;
let flags: string[];
let whole: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sweep-'));
  flags = await shortSweep();
  whole = join(folder, 'whole');
  await sweep(whole, ...flags);
});
afterAll(() => rm(folder, { recursive: true }));

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
  await until(async () => (await log(dir, NAMES[0]!, 'log.txt')).includes('step 10,'));
  stopped.kill('SIGTERM');
  expect(await end(stopped)).toBe(143);
  expect(await log(dir, NAMES[0]!, 'log.txt')).toContain('checkpoint saved');

  const killed = start(dir);
  await until(async () => (await log(dir, NAMES[0]!, 'log.txt')).split('continuing from').length > 1);
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
