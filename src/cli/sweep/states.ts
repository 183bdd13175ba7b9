import type { RunResult } from '../../sweep/result.ts';
import type { StepReport } from '../../train/index.ts';
import type { Stage } from './run-one.ts';

/** The state of a run of a sweep. */
export type RunState =
  | { readonly phase: 'waiting' | 'stopped' }
  | { readonly phase: Stage; readonly last?: StepReport }
  | { readonly phase: 'done'; readonly result: RunResult }
  | { readonly phase: 'failed'; readonly reason: string }
  /** Another worker has claimed it. */
  | { readonly phase: 'elsewhere'; readonly holder: string };

export type RunStates = ReadonlyMap<string, RunState>;

export function countPhases(states: RunStates): ReadonlyMap<RunState['phase'], number> {
  const counts = new Map<RunState['phase'], number>();
  for (const { phase } of states.values()) counts.set(phase, (counts.get(phase) ?? 0) + 1);
  return counts;
}
