import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { quantile } from '../../src/cli/quantile.ts';
import { bytesOf, floats, image, integers, op } from '../runtime/graphs.ts';
import { runCaptured } from './capture.ts';

let model: string;
let fixedBatch: string;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cli-bench-'));
  [model, fixedBatch] = [join(folder, 'model.pb'), join(folder, 'fixed.pb')];
  const nodes = (batch: number) => [
    image(batch, 2, 2, 1),
    integers('shape', -1, 4),
    op('flat', 'Reshape', ['images', 'shape']),
    floats('weights', [4, 2], [0, 0, 1, 2, 0, 0, 3, 0]),
    op('product', 'MatMul', ['flat', 'weights']),
    floats('bias', [2], [0, 0]),
    op('logits', 'BiasAdd', ['product', 'bias']),
  ];
  await writeFile(model, bytesOf(nodes(-1)));
  await writeFile(fixedBatch, bytesOf(nodes(3)));
});

const bench = (...args: string[]) => runCaptured(['bench', ...args, '--seconds=0.01'], COMMANDS);

test('measures every batch size on every number of threads', async () => {
  const { code, stdout } = await bench(model, '--batch_size=1,5,1', '--threads=1,2', '--json');
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ model, weights: 8, sparsity: 5 / 8, machine: { node: process.version } });
  expect(report.machine.cores).toBeGreaterThan(0);
  const configurations = report.timings.map((timing: Record<string, number>) => [
    timing.threads,
    timing.batch_size,
  ]);
  expect(configurations).toEqual([
    [1, 1],
    [1, 5],
    [2, 1],
    [2, 5],
  ]);
  for (const { batch_size, batches, milliseconds, p10, p90, images_per_second } of report.timings) {
    expect(batches).toBeGreaterThanOrEqual(10);
    expect(p10).toBeGreaterThan(0);
    expect(milliseconds).toBeGreaterThanOrEqual(p10);
    expect(p90).toBeGreaterThanOrEqual(milliseconds);
    expect(images_per_second).toBeCloseTo((batch_size * 1000) / milliseconds, 3);
  }
});

test('prints the model, the machine, what computes, and a table that fits 80 columns', async () => {
  const { stdout, stderr } = await bench(model, '--batch_size=2', '--threads=1');
  expect(stderr).toBe('');
  const [first, machine, reason, ...table] = stdout.split('\n');
  expect(first).toBe(`${model}: 8 weights, 62.5% zeros`);
  expect(machine).toMatch(/^.+, \d+ cores?, Node v\d+\.\d+\.\d+$/);
  expect(reason).toMatch(/1 thread/);
  expect(table[1]).toMatch(/^│ batch │ threads │ ms a batch │ +p10 to p90 │ ms an image │ +images\/s │$/);
  expect(table[3]).toMatch(/^│ 2 +│ +1 │( +[\d.]+ │) +[\d.]+ to [\d.]+ │ +[\d.]+ │ +\d+ │$/);
  expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test.each<[string, () => string[], number, RegExp]>([
  ['no model', () => [], 2, /^error: bench needs MODEL: /],
  ['two models', () => [model, model], 2, /^error: unexpected argument ".*", expected one MODEL only\n/],
  [
    'batches of none',
    () => [model, '--batch_size=0'],
    2,
    /^error: --batch_size=0: expected integers from 1 to 10000 /,
  ],
  [
    'a missing model',
    () => [`${model}.missing`],
    1,
    /^error: cannot read .*missing: there is no such file\n/,
  ],
  [
    'an unfit batch',
    () => [fixedBatch, '--batch_size=2'],
    1,
    /^error: the graph takes 3 images at once, not 2/,
  ],
  [
    'threads of tfjs',
    () => [model, '--engine=tfjs', '--threads=2'],
    1,
    /^error: engine tfjs takes no number/,
  ],
  [
    'kernels of tfjs',
    () => [model, '--engine=tfjs', '--kernels=native'],
    1,
    /^error: engine tfjs has no kernels native\n/,
  ],
])('refuses %s', async (_, args, expectedCode, message) => {
  const { code, stdout, stderr } = await bench(...args());
  expect(stderr).toMatch(message);
  expect({ code, stdout }).toEqual({ code: expectedCode, stdout: '' });
});

test('quantiles are those of NumPy', () => {
  const values = [1, 2, 4, 8, 16];
  expect([0, 0.1, 0.5, 0.9, 1].map((fraction) => quantile(values, fraction))).toEqual([1, 1.4, 4, 12.8, 16]);
  expect(quantile([7], 0.9)).toBe(7);
});
