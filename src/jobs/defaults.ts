/** Defaults of jobs, and of the commands' flags for them. This file imports no modules that load slowly, since help reads it. */
export const TRAIN_DEFAULTS = {
  dataDir: 'data',
  /** Seconds from one checkpoint to the next. */
  saveCheckpointSecs: 600,
  /** Steps from one summary to the next. */
  saveSummariesSteps: 100,
  /** Number of newest checkpoints to keep. */
  keepCheckpoints: 5,
} as const;

export const EVALUATE_DEFAULTS = {
  weights: 'moving averages',
  split: 'test',
  numExamples: 10_000,
  dataDir: 'data',
  /** Images in a batch. */
  batchSize: 128,
} as const;

export const STRIP_DEFAULTS = {
  filename: 'pruning_stripped.pb',
  formats: ['pb'],
  weightFormat: 'dense',
} as const;
