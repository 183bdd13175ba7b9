import type { Agreement } from './agreement.ts';
import type { Machine } from './machine.ts';
import { median } from './rounds.ts';
import { type Task, taskName } from './task.ts';

export interface Measurement {
  readonly library: string;
  readonly threads: number;
  readonly task: Task;
  /** Milliseconds. */
  readonly samples: readonly number[];
}

/** What one run has found; as JSON, what `--json` writes. */
export interface Results {
  readonly machine: Machine;
  readonly rounds: number;
  /** Name and version by library. */
  readonly descriptions: Readonly<Record<string, string>>;
  /** Which contestants were left out and why, a line each. */
  readonly leftOut: readonly string[];
  readonly agreement: readonly Agreement[];
  readonly measurements: readonly Measurement[];
  /** GFLOP/s of multiply-adds by number of threads. */
  readonly peak: Readonly<Record<number, number>>;
}

/** Median milliseconds, or undefined if this was not measured. */
export function medianTime(
  { measurements }: Results,
  library: string,
  threads: number,
  task: Task,
): number | undefined {
  const wanted = taskName(task);
  const found = measurements.find(
    (each) => each.library === library && each.threads === threads && taskName(each.task) === wanted,
  );
  return found && median(found.samples);
}
