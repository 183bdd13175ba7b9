import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withSection } from '../../bench/src/documents.ts';
import { report, shortReport } from '../../bench/src/report.ts';
import type { Results } from '../../bench/src/results.ts';
import { SPARSITIES, type Task } from '../../bench/src/task.ts';

const BATCHES = [128, 1];
const tasks: Task[] = SPARSITIES.flatMap((sparsity): Task[] => [
  { kind: 'step', sparsity },
  ...BATCHES.map((batch): Task => ({ kind: 'inference', sparsity, batch })),
]);
/** As no machine has ever measured it. */
const results: Results = {
  machine: {
    date: '2031-02-03',
    processor: 'A processor',
    cores: 1,
    memoryGiB: 2,
    system: 'System',
    node: 'v99',
  },
  rounds: 3,
  descriptions: { ours: 'ours 9', tensorflow: 'theirs 8' },
  leftOut: [],
  agreement: [],
  measurements: tasks.flatMap((task) => [
    { library: 'ours', threads: 1, task, samples: [10] },
    { library: 'tensorflow', threads: 1, task, samples: [30] },
  ]),
  peak: { 1: 50 },
};

test.each(['README.md', 'docs/reference.md'])('%s has the marks between which tables go', (path) => {
  const text = readFileSync(path, 'utf8');
  const written = withSection(text, 'tables');
  expect(written).toContain('<!-- bench:begin -->\ntables\n<!-- bench:end -->');
  expect(withSection(written, 'tables')).toBe(written);
  expect(() => withSection(text.replace('bench:end', ''), 'tables')).toThrow('bench:end');
});

test('the README gets the table of training, the reference gets all', () => {
  const short = shortReport(results);
  expect(short.match(/^\| --- /gm)).toHaveLength(1);
  expect(short).toContain('| training step, 128 images, one thread |');
  expect(short).toContain('3 rounds in turn, in one run on 2031-02-03: A processor, 1 cores');
  const all = report(results);
  expect(all.match(/^\| --- /gm)).toHaveLength(3);
  expect(all).toContain(short.split('\n\n')[1]);
  expect(all).toContain('| inference, one image, one thread |');
});
