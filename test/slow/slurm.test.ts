import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { log, NAMES, outcome, run, shortSweep, sweep, until } from './sweeps.ts';

/** Runs in `scripts/one-node-slurm.sh`. */
describe.skipIf(!process.env.SLURM_CONF)('on Slurm', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slurm-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const queue = async () => (await run('squeue', ['--noheader', '--format=%i %t'])).stdout.trim();

  test('workers that are killed lose nothing: submitted again, the sweep ends as one on this machine', async () => {
    const flags = await shortSweep();
    const [local, shared] = [join(folder, 'local'), join(folder, 'shared')];
    const options = '--slurm_options=--cpus-per-task=1';
    const { stdout } = await sweep(shared, ...flags, '--slurm', options);
    const job = /^submitted 2 runs as job (\d+)\n/.exec(stdout)![1]!;
    const logs = async () => Promise.all([0, 1].map((index) => log(shared, `slurm-${job}_${index}.log`)));
    await until(async () => (await logs()).every((text) => text.includes('step 10,')));
    process.kill(JSON.parse(await log(shared, NAMES[0]!, '.sweep.lock')).pid, 'SIGKILL');
    await run('scancel', ['--signal=TERM', '--batch', `${job}_1`]);
    await until(async () => (await queue()) === '');
    const [killed, stopped] = await logs();
    expect(killed).not.toContain('interrupted at step');
    expect(stopped).toContain('interrupted at step');

    expect((await sweep(shared, '--slurm', options)).stdout).toMatch(/^submitted 2 runs as job \d+\n/);
    await until(async () => (await queue()) === '');
    await Promise.all([sweep(local, ...flags), sweep(shared)]);
    expect(await outcome(shared)).toEqual(await outcome(local));
  });
});
