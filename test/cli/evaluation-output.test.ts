import { expect, test } from 'vitest';
import { formatEvaluation } from '../../src/cli/evaluation-output.ts';
import type { Evaluation } from '../../src/jobs/index.ts';

const evaluation: Evaluation = {
  source: 'run/model.ckpt-70',
  step: 70,
  weights: 'moving averages',
  classNames: ['disc', 'ring', 'cross'],
  confusion: [
    [3, 1, 0],
    [2, 14, 0],
    [0, 0, 0],
  ],
  count: 20,
  correct: 17,
  accuracy: 0.85,
};
const time = new Date(2017, 10, 3, 21, 32, 2, 734);
const nothing = { json: false, per_class: false, confusion_matrix: false };
const line =
  '2017-11-03 21:32:02.734000: precision @ 1 = 0.850 (17 of 20 images; run/model.ckpt-70, moving averages)';

test('an evaluation is one line', () => {
  expect(formatEvaluation(evaluation, time, nothing)).toBe(line);
});

test('tables are added on request', () => {
  expect(formatEvaluation(evaluation, time, { ...nothing, per_class: true, confusion_matrix: true })).toBe(
    [
      line,
      '┌───────┬──────────┬────────┐',
      '│ class │ accuracy │ images │',
      '├───────┼──────────┼────────┤',
      '│ disc  │    75.0% │      4 │',
      '│ ring  │    87.5% │     16 │',
      '│ cross │        - │      0 │',
      '└───────┴──────────┴────────┘',
      '┌────────────────┬───┬────┬───┐',
      '│ true\\predicted │ 0 │  1 │ 2 │',
      '├────────────────┼───┼────┼───┤',
      '│ 0 disc         │ 3 │  1 │ 0 │',
      '│ 1 ring         │ 2 │ 14 │ 0 │',
      '│ 2 cross        │ 0 │  0 │ 0 │',
      '└────────────────┴───┴────┴───┘',
    ].join('\n'),
  );
});

test('json is one line with the same figures', () => {
  const { source, step, weights, accuracy, correct, count, confusion } = evaluation;
  const figures = { source, step, weights, accuracy, correct, count };
  expect(JSON.parse(formatEvaluation(evaluation, time, { ...nothing, json: true }))).toEqual(figures);

  const text = formatEvaluation(evaluation, time, { json: true, per_class: true, confusion_matrix: true });
  expect(text).not.toContain('\n');
  expect(JSON.parse(text)).toEqual({
    ...figures,
    per_class: { disc: 0.75, ring: 0.875, cross: null },
    confusion_matrix: confusion,
  });
});
