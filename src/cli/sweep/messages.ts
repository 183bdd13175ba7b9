import type { RunResult } from '../../sweep/result.ts';
import type { StepReport } from '../../train/index.ts';
import type { Stage } from './run-one.ts';

/** A message from a run's process to the sweep that started it. */
export type RunMessage =
  | { readonly type: 'stage'; readonly stage: Stage }
  | { readonly type: 'step'; readonly report: StepReport }
  | { readonly type: 'done'; readonly result: RunResult }
  | { readonly type: 'elsewhere'; readonly holder: string }
  | { readonly type: 'failed'; readonly reason: string };
