import { agreement } from './agreement.ts';
import { Unavailable } from './contestant.ts';
import { ContestantProcess } from './contestant-process.ts';
import { type ContestantSpec, PEAK } from './contestants.ts';
import { thisMachine } from './machine.ts';
import type { Measurement, Results } from './results.ts';
import { median, takeRounds } from './rounds.ts';
import { PEAK_FLOPS, type Task } from './task.ts';

/** Milliseconds that a task computes for, each time it has its turn. */
const WARM_UP = 50;
const DURATION = 200;

/** Starts all contestants, makes sure that they compute the same, and times them. @param note told how it goes, line by line */
export async function race(
  specs: readonly ContestantSpec[],
  { folder, rounds, threads, note }: RaceOptions,
): Promise<Results> {
  const { started, leftOut } = await startAll(specs, folder);
  try {
    for (const line of leftOut) note(`left out: ${line}`);
    const agreed = await agreement(started);
    const largest = Math.max(...agreed.map(({ difference }) => difference));
    note(
      `${started.length} contestants agree: their logits differ by ${largest.toExponential(1)} at most, after a training step too`,
    );
    const entries = inTurn(started);
    const samples = await takeRounds(entries, rounds, (round) => note(`round ${round + 1} of ${rounds}`));
    const measurements = entries.map(({ contestant, task }, i): Measurement => {
      const { library, threads } = contestant.spec;
      return { library, threads, task, samples: samples[i]! };
    });
    const racing = started.filter(({ spec }) => spec.library !== PEAK);
    return {
      machine: thisMachine(threads),
      rounds,
      descriptions: Object.fromEntries(racing.map(({ spec, description }) => [spec.library, description])),
      leftOut,
      agreement: agreed,
      measurements,
      peak: peaks(measurements),
    };
  } finally {
    for (const contestant of started) contestant.end();
  }
}

export interface RaceOptions {
  /** Of the materials. */
  readonly folder: string;
  readonly rounds: number;
  /** As many as there are cores. */
  readonly threads: number;
  note(line: string): void;
}

async function startAll(specs: readonly ContestantSpec[], folder: string) {
  const outcomes = await Promise.allSettled(specs.map((spec) => ContestantProcess.start(spec, folder)));
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const reasons: unknown[] = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason] : [],
  );
  const failure = reasons.find((reason) => !(reason instanceof Unavailable));
  if (failure) {
    for (const contestant of started) contestant.end();
    throw failure;
  }
  const leftOut = [...new Set(reasons.map((reason) => (reason as Unavailable).message))];
  return { started, leftOut };
}

/** Kind by kind, so that contestants do the same work close after one another. */
function inTurn(contestants: readonly ContestantProcess[]) {
  const kinds = ['peak', 'step', 'pruning', 'inference'];
  const entries = contestants.flatMap((contestant) =>
    contestant.spec.tasks.map((task) => ({ contestant, task, measure: () => timed(contestant, task) })),
  );
  return entries.sort((a, b) => kinds.indexOf(a.task.kind) - kinds.indexOf(b.task.kind));
}

function timed(contestant: ContestantProcess, task: Task): Promise<readonly number[]> {
  // A mask update with the steps that follow it is long enough to need no warming up.
  if (task.kind === 'pruning') return contestant.measure(task, 0, 0);
  return contestant.measure(task, WARM_UP, DURATION);
}

function peaks(measurements: readonly Measurement[]): Record<number, number> {
  const found = measurements.filter(({ task }) => task.kind === 'peak');
  return Object.fromEntries(
    found.map(({ threads, samples }) => [threads, (threads * PEAK_FLOPS) / (median(samples) * 1e6)]),
  );
}
