import type { PlannedRun } from '../../sweep/planned-run.ts';
import { readResult } from '../../sweep/result.ts';
import { runFolder, type Sweep } from '../../sweep/sweep-folder.ts';
import { runInProcess } from './run-process.ts';
import type { RunState, RunStates } from './states.ts';

export interface Workforce {
  /** How many runs go on at once. */
  readonly jobs: number;
  /** Threads of each run. */
  readonly threads: number;
}

/** At most as many runs at once as there are threads, and an equal number of threads for each. */
export function workforce(jobs: number, threads: number): Workforce {
  const atOnce = Math.max(1, Math.min(jobs, threads));
  return { jobs: atOnce, threads: Math.floor(threads / atOnce) };
}

/**
 * Carries out all runs of a sweep that are neither done nor claimed by another worker, each in a process of its own. A run
 * that fails does not stop the others.
 *
 * @param onChange called with all states whenever one of them has changed
 * @param signal when it aborts, the runs under way save checkpoints and no other run starts
 */
export async function carryOutAll(
  sweepDir: string,
  { runs }: Sweep,
  { jobs, threads }: Workforce,
  onChange: (states: RunStates, changed: PlannedRun) => void,
  signal: AbortSignal,
): Promise<RunStates> {
  const states = new Map<string, RunState>(runs.map(({ name }) => [name, { phase: 'waiting' }]));
  const change = (run: PlannedRun, state: RunState) => {
    states.set(run.name, state);
    onChange(states, run);
  };
  const open: PlannedRun[] = [];
  for (const run of runs) {
    const result = await readResult(runFolder(sweepDir, run));
    if (result) change(run, { phase: 'done', result });
    else open.push(run);
  }
  const worker = async () => {
    for (let run = open.shift(); run && !signal.aborted; run = open.shift()) {
      const current = run;
      const state = await runInProcess(sweepDir, current, threads, (each) => change(current, each), signal);
      change(current, state);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, open.length) }, worker));
  return states;
}
