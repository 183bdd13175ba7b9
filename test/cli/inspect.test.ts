import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runCaptured } from './capture.ts';
import { writeCheckpoint } from './checkpoint-fixture.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cli-inspect-'));
  await writeCheckpoint(dir, 70);
});
afterAll(() => rm(dir, { recursive: true }));

const inspect = (...flags: string[]) => runCaptured(['inspect', dir, ...flags], COMMANDS);

test('tables fit 80 columns and tell the zeros of mask, weights and both apart', async () => {
  const { code, stdout, stderr } = await inspect('--histogram');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const rows = stdout.split('\n').filter((line) => !line.includes(dir));
  expect(Math.max(...rows.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(stdout).toContain('│ conv1/weights   │  5x5x3x64 │ float32 │ 90.0% │ 0.0% │  90.0% │     480 │');
  expect(stdout).toContain('step 70\nmoving averages of 10 variables\n');
  expect(stdout).toMatch(/│ total +│ +│ +│ +18,470,784 │ +1,847,079 │/);
  expect(stdout).toContain('conv1/weights\n4,320 of 4,800 are zero (90.0%); the others:\n');
});

test('the tensors that are no weights are counted, and shown with --all', async () => {
  const count = JSON.parse((await inspect('--json')).stdout).tensors.length;
  expect(count).toBeGreaterThan(20);
  const { stdout } = await inspect();
  expect(stdout).toContain(`\n\n${count} other tensors are not shown: --all shows all\n`);
  expect(stdout).not.toContain('conv1/biases');
  const all = (await inspect('--all')).stdout;
  expect(all).toMatch(/\nOther tensors:\n(?:.*\n)*?│ conv1\/biases /);
  expect(all).not.toContain('not shown');
});

test('--json is one object with all of it', async () => {
  const { stdout } = await inspect('--json', '--histogram=conv2');
  const found = JSON.parse(stdout);
  expect(found).toMatchObject({ kind: 'checkpoint', step: 70, averages: 10 });
  expect(found.weights[0]).toMatchObject({
    name: 'conv1/weights',
    mask_sparsity: 0.9,
    raw_sparsity: 0,
    sparsity: 0.9,
    multiply_adds: { dense: 2_764_800, effective: 276_480 },
  });
  expect(Object.keys(found.histograms)).toEqual(['conv2/weights']);
  expect(found.histograms['conv2/weights'].zeros).toBe(92_160);
});

test('--logdir writes an event file', async () => {
  const logdir = join(dir, 'graph');
  const { stdout } = await inspect(`--logdir=${logdir}`);
  const [file] = await readdir(logdir);
  expect(stdout).toContain(`graph written: ${join(logdir, file!)}\n`);
});

test('an unknown layer names the nearest one', async () => {
  const { code, stderr } = await inspect('--histogram=conv2/weight');
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /has no weights of that name or layer\nhint: Give another name, such as conv2\/weights\.\n$/,
  );
});
