import type { ContestantProcess } from './contestant-process.ts';
import { BATCH, type Task, taskName } from './task.ts';

const TOLERANCE = 1e-3;

export interface Agreement {
  readonly contestant: string;
  readonly task: string;
  /** Largest absolute difference of a logit from the first contestant's. */
  readonly difference: number;
}

/**
 * Compares the logits of all contestants, for each kind of task that they share: of the frozen graph, and after a training step.
 *
 * @throws Error if two differ by more than 0.001: a race of different computations says nothing
 */
export async function agreement(contestants: readonly ContestantProcess[]): Promise<Agreement[]> {
  const expected = new Map<string, readonly number[]>();
  const found: Agreement[] = [];
  for (const contestant of contestants)
    for (const task of contestant.spec.tasks.filter(hasLogits)) {
      const name = taskName(task);
      const logits = await contestant.logits(task);
      const others = expected.get(name) ?? logits;
      expected.set(name, others);
      const difference = largestDifference(logits, others);
      const who = `${contestant.description} (${contestant.spec.threads})`;
      if (!(difference <= TOLERANCE))
        throw new Error(`${name}: the logits of ${who} differ from the first contestant's by ${difference}`);
      found.push({ contestant: who, task: name, difference });
    }
  return found;
}

/** Batches of one size suffice. */
function hasLogits(task: Task): boolean {
  return task.kind === 'step' || (task.kind === 'inference' && task.batch === BATCH);
}

/** NaN if any value is. */
export function largestDifference(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Number.NaN;
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}
