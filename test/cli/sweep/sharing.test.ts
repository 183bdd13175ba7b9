import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { workforce } from '../../../src/cli/sweep/carry-out-all.ts';
import { commandLines, ranges, sbatchArguments } from '../../../src/cli/sweep/elsewhere.ts';
import type { RunState } from '../../../src/cli/sweep/states.ts';
import { formatProgress } from '../../../src/cli/sweep/sweep-table.ts';
import { claimed } from '../../../src/cli/sweep/worker.ts';
import { keepSweep, readSweep, type Sweep } from '../../../src/sweep/sweep-folder.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sweep's -"));
});
afterEach(() => rm(dir, { recursive: true }));

const run = (name: string, settings = {}) => ({ name, settings });
const sweep = (...runs: Sweep['runs']): Sweep => ({
  runs,
  formats: ['pb'],
  weightFormats: ['sparse'],
  numExamples: 100,
});

test.each([
  [1, 8, { jobs: 1, threads: 8 }],
  [3, 8, { jobs: 3, threads: 2 }],
  [8, 8, { jobs: 8, threads: 1 }],
  [20, 8, { jobs: 8, threads: 1 }],
  [2, 1, { jobs: 1, threads: 1 }],
])('%i jobs share %i threads', (jobs, threads, expected) => {
  expect(workforce(jobs, threads)).toEqual(expected);
});

test('ranges are as Slurm writes them', () => {
  expect(ranges([0, 1, 2, 3, 5, 7, 8])).toBe('0-3,5,7-8');
  expect(ranges([4])).toBe('4');
});

test('a printed line is one command to a shell, whatever the folder is called', () => {
  const [line] = commandLines(dir, [run('target_sparsity=0.9,seed=1')]);
  const words = execFileSync('sh', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' }).split('\n');
  expect(words.slice(-4, -1)).toEqual(['sweep', `--sweep_dir=${dir}`, '--run=target_sparsity=0.9,seed=1']);
});

test('sbatch gets an array of the open runs, and the task takes its own', () => {
  const args = sbatchArguments(dir, [0, 2], 4, '--time=60  --cpus-per-task=2');
  expect(args).toContain('--array=0,2%4');
  expect(args).toContain('--time=60');
  const script = args.at(-1)!.replace('--wrap=exec ', "printf '%s\\n' ");
  const env = { ...process.env, SLURM_ARRAY_TASK_ID: '2', SLURM_CPUS_ON_NODE: '3' };
  const words = execFileSync('sh', ['-c', script], { encoding: 'utf8', env }).split('\n');
  expect(words.slice(-5, -1)).toEqual(['sweep', `--sweep_dir=${dir}`, '--index=2', '--threads=3']);
});

describe('a sweep is kept', () => {
  test('and grows by further runs', async () => {
    expect(await readSweep(dir)).toBeUndefined();
    const first = sweep(run('a', { seed: '1' }));
    expect(await keepSweep(dir, first)).toEqual(first);
    const both = sweep(run('a', { seed: '1' }), run('b'));
    expect(await keepSweep(dir, sweep(run('b'), run('a', { seed: '1' })))).toEqual(both);
    expect(await readSweep(dir)).toEqual(both);
    expect(await keepSweep(dir, first)).toEqual(both);
  });

  test.each([
    [sweep(run('a', { seed: '2' })), 'seed of a was 1, now 2'],
    [sweep(run('a')), 'seed of a was 1, now not given'],
    [{ ...sweep(run('b')), numExamples: 5 }, 'numExamples was 100, now 5'],
    [{ ...sweep(run('b')), formats: ['onnx'] as const }, 'formats was pb, now onnx'],
  ])('and refuses other settings: %#', async (asked, message) => {
    await keepSweep(dir, sweep(run('a', { seed: '1' })));
    await expect(keepSweep(dir, asked)).rejects.toMatchObject({
      code: 'argument',
      message: `${dir} holds another sweep: ${message}`,
    });
    expect(await readSweep(dir)).toEqual(sweep(run('a', { seed: '1' })));
  });

  test.each([
    '',
    '[]',
    '{"runs":[]}',
    '{"runs":[{"name":"..","settings":{}}]}',
    '{"runs":[{"name":"a/b","settings":{}}]}',
  ])('damaged, it is refused: %s', async (text) => {
    const rest = '"formats":["pb"],"weightFormats":["dense"],"numExamples":1';
    await writeFile(join(dir, 'sweep.json'), text.replace(/\]\}$/, `],${rest}}`));
    if (text === '{"runs":[]}') expect(await readSweep(dir)).toMatchObject({ runs: [] });
    else await expect(readSweep(dir)).rejects.toMatchObject({ code: 'file' });
  });
});

test('a claimed run is nobody else’s until it is given free', async () => {
  const done = { type: 'failed', reason: 'x' } as const;
  const inner = await claimed(dir, run('a'), async () => {
    const second = await claimed(dir, run('a'), async () => done);
    expect(second).toEqual({
      type: 'elsewhere',
      holder: expect.stringContaining(`process ${process.pid} on`),
    });
    expect(await claimed(dir, run('b'), async () => done)).toBe(done);
    return done;
  });
  expect(inner).toBe(done);
  expect(await claimed(dir, run('a'), async () => done)).toBe(done);
  expect(await readdir(join(dir, 'a'))).toEqual([]);
});

test('the table shows what is under way first, and sums where rows are few', () => {
  const report = {
    step: 5,
    maxSteps: 10,
    loss: 1.234,
    accuracy: 0.5,
    imagesPerSecond: 1,
    secondsPerBatch: 1,
    sparsity: 0.25,
    secondsLeft: 65,
  };
  const states = new Map<string, RunState>([
    ['a', { phase: 'waiting' }],
    ['b', { phase: 'failed', reason: 'it broke' }],
    ['c', { phase: 'training', last: report }],
    ['d', { phase: 'elsewhere', holder: 'process 1 on host' }],
  ]);
  const rows = formatProgress(states, 24).split('\n');
  const cells = rows
    .filter((row) => row.startsWith('│'))
    .map((row) => row.split('│').map((cell) => cell.trim()));
  expect(cells.map(([, name]) => name)).toEqual(['run', 'c', 'b', 'd', 'a']);
  expect(cells[1]!.slice(1, -1)).toEqual([
    'c',
    'training',
    '5/10',
    '1.23',
    '25.0%',
    '50.0% of batch',
    '1m05s',
  ]);
  expect(rows.at(-1)).toBe('4 runs: 1 waiting, 1 failed, 1 training, 1 elsewhere');
  expect(formatProgress(states, 8).split('\n')).toHaveLength(7);
});
