import type { PruningHparams } from '../hparams/index.ts';

type UpdateHparams = Pick<PruningHparams, 'begin_pruning_step' | 'end_pruning_step' | 'pruning_frequency'>;

/**
 * Whether masks are updated after the training step that raised the global step to `step`.
 *
 * With begin_pruning_step 1, end_pruning_step 6 and pruning_frequency 2, masks are updated after steps 2, 4 and 6.
 *
 * @param lastMaskUpdateStep the global step of the previous update; 0 before the first
 */
export function isUpdateStep(hparams: UpdateHparams, lastMaskUpdateStep: number, step: number): boolean {
  const { begin_pruning_step, end_pruning_step, pruning_frequency } = hparams;
  const begun = begin_pruning_step <= step;
  const ended = end_pruning_step >= 0 && step > end_pruning_step;
  return begun && !ended && lastMaskUpdateStep + pruning_frequency <= step;
}

/** The first step after which masks could be updated, even if pruning ends before it. */
export function firstUpdateStep({ begin_pruning_step, pruning_frequency }: UpdateHparams): number {
  return Math.max(1, begin_pruning_step, pruning_frequency);
}

/** The last step after which masks are updated in a run of `maxSteps` steps from 0; undefined if they never are. */
export function lastUpdateStep(hparams: UpdateHparams, maxSteps: number): number | undefined {
  const { end_pruning_step, pruning_frequency } = hparams;
  const first = firstUpdateStep(hparams);
  const limit = end_pruning_step < 0 ? maxSteps : Math.min(maxSteps, end_pruning_step);
  if (first > limit) return undefined;
  return limit - ((limit - first) % Math.max(1, pruning_frequency));
}
