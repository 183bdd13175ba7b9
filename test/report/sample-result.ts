import type { RunResult } from '../../src/sweep/result.ts';

const accuracy = {
  accuracy: 0.5,
  correct: 1,
  count: 2,
  confusion: [
    [1, 0],
    [1, 0],
  ],
};

/** What a sweep keeps of a run. */
export const SAMPLE_RESULT: RunResult = {
  name: 'a',
  settings: { max_steps: '4', target_sparsity: '0.75' },
  version: '1',
  step: 4,
  sparsity: 0.7,
  averages: accuracy,
  raw: { ...accuracy, accuracy: 0.25 },
  exports: [{ format: 'pb', weightFormat: 'dense', files: ['a.pb'], bytes: 9, gzippedBytes: 8 }],
  timings: [{ batchSize: 1, threads: 2, millisecondsAnImage: 0.5 }],
};
