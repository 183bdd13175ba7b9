import { polynomialSchedule } from './package.ts';
import { STEPS_A_MASK_UPDATE } from './task.ts';

/** The schedule of the README's training command. */
export const SCHEDULE_STEPS = 10_000;
const PARTS = 8;
const sparsityAt = polynomialSchedule({
  initial: 0.3,
  target: 0.9,
  beginStep: 100,
  endStep: SCHEDULE_STEPS,
  exponent: 3,
});

/** The sparsity in the middle of each of equal parts of the schedule's steps. */
export function scheduleSparsities(): number[] {
  const middle = (part: number) => ((part + 0.5) * SCHEDULE_STEPS) / PARTS;
  return Array.from({ length: PARTS }, (_, part) => sparsityAt(middle(part)));
}

/**
 * Seconds that all steps of the schedule take, by the midpoint rule.
 *
 * @param blocks milliseconds of a mask update and the steps that follow it, at each of `scheduleSparsities`
 */
export function scheduleSeconds(blocks: readonly number[]): number {
  const mean = blocks.reduce((sum, block) => sum + block, 0) / blocks.length;
  return (mean / STEPS_A_MASK_UPDATE) * (SCHEDULE_STEPS / 1000);
}
