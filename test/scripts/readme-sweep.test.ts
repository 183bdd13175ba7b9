import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sweepSection, withSweepSection } from '../../scripts/readme-sweep.ts';
import type { ReportData, ReportedRun } from '../../src/report/report-data.ts';

/** A run as none has ever been: its figures follow from sparsity and seed. */
function drawnRun(sparsity: number, seed: number): ReportedRun {
  return {
    name: `target_sparsity=${sparsity},seed=${seed}`,
    folder: 'sweep',
    settings: { target_sparsity: String(sparsity), seed: String(seed) },
    step: 10000,
    sparsity,
    trainingSeconds: 100 * seed,
    averages: { accuracy: 0.5 - sparsity / 10 + seed / 100 },
    raw: { accuracy: 0.4 - sparsity / 10 + seed / 100 },
    models: [
      { format: 'pb', weightFormat: 'dense', bytes: 9e6, gzippedBytes: 8e6 },
      { format: 'pb', weightFormat: 'sparse', bytes: 4e6 * (1 - sparsity), gzippedBytes: 1 },
    ],
    timings: [
      { batchSize: 1, millisecondsAnImage: 9 },
      { batchSize: 128, millisecondsAnImage: 1 - sparsity },
    ],
    curves: {},
    layers: [],
    mistakes: [],
  };
}

const data: ReportData = {
  version: '9.8.7',
  madeAt: '2031-02-03T04:05:06Z',
  machine: { cpu: 'A processor', cores: 3, node: 'v99.0.0' },
  classNames: [],
  runs: [drawnRun(0.9, 2), drawnRun(0.9, 1), drawnRun(0, 1)],
};
const { runs } = data;
const changed = (change: Partial<ReportedRun>): ReportData => ({
  ...data,
  runs: [{ ...runs[0]!, ...change }, ...runs.slice(1)],
});

test('the section has a row a sparsity, with the spread of its seeds', () => {
  const lines = sweepSection(data, 'docs/plot.svg').split('\n');
  expect(lines[0]).toContain('](docs/plot.svg)');
  expect(lines.filter((line) => line.startsWith('|')).slice(2)).toEqual([
    '| 0.0% | 51.0% | 41.0% | 4.00 MB | 1.00 ms | 1m40s |',
    '| 90.0% | 42.5% (42.0% to 43.0%) | 32.5% (32.0% to 33.0%) | 400.00 kB | 0.10 ms | 2m30s |',
  ]);
  for (const said of [
    '9.8.7',
    '2031-02-03',
    'A processor, 3 cores, Node v99.0.0',
    '10,000 steps',
    'all 3 runs took 6m40s',
  ])
    expect(lines.at(-1)).toContain(said);
  const timings = [{ batchSize: 128, threads: 2, millisecondsAnImage: 1 }];
  expect(sweepSection({ ...data, runs: runs.map((run) => ({ ...run, timings })) }, '')).toContain(
    '| one image of 128, 2 threads |',
  );
});

test('training times can be those of a shorter sweep', () => {
  const shorter = (sparsity: number, trainingSeconds: number) => ({
    ...drawnRun(sparsity, 1),
    step: 500,
    trainingSeconds,
  });
  const timed = { ...data, runs: [shorter(0, 30), shorter(0.9, 6)] };
  const section = sweepSection(data, '', timed);
  expect(section).toContain('| 4.00 MB | 1.00 ms | 10m00s |');
  expect(section).toContain('| 400.00 kB | 0.10 ms | 2m00s |');
  expect(section).toMatch(
    /those of 500 steps by the same schedule in proportion, .*, times 20; those of all 3 runs are 14m00s\.$/,
  );
  expect(() => sweepSection(data, '', { ...timed, runs: [shorter(0, 30)] })).toThrow('lacks its timed run');
});

test('what was not measured is an error that names the run', () => {
  const { averages: _, ...withoutAccuracy } = runs[0]!;
  const lacking = { ...data, runs: [withoutAccuracy, ...runs.slice(1)] };
  expect(() => sweepSection(lacking, '')).toThrow(/run target_sparsity=0.9,seed=2 lacks its accuracy/);
  expect(() => sweepSection(changed({ models: [] }), '')).toThrow('frozen graph of sparse weights');
  expect(() => sweepSection(changed({ settings: { seed: '2' } }), '')).toThrow('lacks its target_sparsity');
  expect(() => sweepSection(changed({ timings: [] }), '')).toThrow('timed in every run');
  expect(() => sweepSection(changed({ step: 9000 }), '')).toThrow('steps');
  expect(() => sweepSection({ ...data, runs: [] }, '')).toThrow('no runs');
});

test('only a batch size that all runs have is shown', () => {
  const lone = changed({ timings: [{ batchSize: 1, millisecondsAnImage: 7 }] });
  expect(sweepSection(lone, '')).toContain('one image of 1 |');
});

test('the section goes below the heading once, and is replaced afterwards', () => {
  const readme = readFileSync('README.md', 'utf8').replace(
    /<!-- sweep:begin -->[\s\S]*<!-- sweep:end -->\n/,
    '',
  );
  const once = withSweepSection(readme, 'first');
  expect(once).toContain('## How far can I prune\n\n<!-- sweep:begin -->\nfirst\n<!-- sweep:end -->\n');
  const twice = withSweepSection(once, 'second');
  expect(twice).toBe(once.replace('first', 'second'));
  expect(() => withSweepSection('# Other\n', 'x')).toThrow('lacks');
  expect(() => withSweepSection('<!-- sweep:begin -->', 'x')).toThrow('sweep:end');
});
