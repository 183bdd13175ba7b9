import { UserError } from '../errors.ts';
import { type PruningHparams, parseHparams, withDefaults } from '../hparams/index.ts';
import { type MatchedHparams, matchHparams } from './matches.ts';
import { hparamRules, type PruningRule } from './rules.ts';
import { weightSchedule } from './schedule.ts';
import type { PruningState } from './state.ts';
import { type PruningUpdate, remember, updateMasks } from './update.ts';
import { isUpdateStep } from './update-steps.ts';
import { matchedWarnings } from './warnings.ts';
import { checkWeights, type NamedWeight, sizeOf } from './weights.ts';

/** How a set of weights is pruned. It has no state of its own: each update takes a `PruningState` and returns a new one. */
export interface Pruning {
  readonly hparams: PruningHparams;
  /** Names of the weights that are pruned, in the order given: all except those of do_not_prune. */
  readonly prunedWeights: readonly string[];
  /** The state before the first update: all masks are 1 and all thresholds 0, also for the weights of do_not_prune. */
  initialState(): PruningState;
  /** Whether `update` computes masks at this step, and so reads the weights. */
  isUpdateStep(state: PruningState, step: number): boolean;
  /**
   * Computes masks if this is an update step. Call it after each training step.
   *
   * @param step the global step after the training step: 1 after the first one
   * @param weights raw (unmasked) values of at least `prunedWeights`, row-major
   * @param gradients gradients of the same weights in that step; only for criteria that need them, which magnitude does not
   * @throws UserError `argument` if a weight, a gradient that is needed or the state is missing or has a wrong length;
   *   `diverged` if a weight or a score is NaN or infinite
   */
  update(
    state: PruningState,
    step: number,
    weights: ReadonlyMap<string, Float32Array>,
    gradients?: ReadonlyMap<string, Float32Array>,
  ): PruningUpdate;
  /** As `update`, but always computes masks, for callers that have called `isUpdateStep` themselves. */
  updateMasks: Pruning['update'];
  /**
   * The target sparsity of an update at this step, from 0 to 1: that of a weight or, without a name, that of the weights without an entry
   * in weight_sparsity_map. It is 0 for a weight of do_not_prune.
   *
   * @throws UserError `argument` on an unknown name
   */
  sparsityAt(step: number, weight?: string): number;
  /** `pruningWarnings` of the hparams, for a run of `maxSteps` steps with these weights. */
  warnings(maxSteps: number): string[];
}

/**
 * Sets up gradual magnitude pruning for the weights of any network.
 *
 *     const pruning = createPruning('target_sparsity=0.9,sparsity_function_end_step=1000', [
 *       { name: 'dense/kernel', shape: [784, 100] },
 *     ]);
 *     let state = pruning.initialState();
 *     // after each training step:
 *     if (pruning.isUpdateStep(state, step)) ({ state } = pruning.update(state, step, readWeights()));
 *
 * @param hparams an hparams string, or values by name; the others have their defaults
 * @throws UserError `hparams` on bad hparams and where two entries of a map match one weight; `argument` on bad weights
 */
export function createPruning(
  hparams: string | Partial<PruningHparams>,
  weights: readonly NamedWeight[],
): Pruning {
  const values = typeof hparams === 'string' ? parseHparams(hparams) : withDefaults(hparams);
  checkWeights(weights);
  const matched = matchHparams(values, weights);
  return pruningByRules(matched, hparamRules(matched));
}

/** Pruning with any criteria, structures and schedules. @param rules no two rules may share a weight */
export function pruningByRules(matched: MatchedHparams, rules: readonly PruningRule[]): Pruning {
  const { hparams, weights } = matched;
  const names = weights.map(({ name }) => name);
  const schedule = weightSchedule(hparams);
  const ruleOf = new Map(rules.flatMap((rule) => rule.weights.map(({ name }) => [name, rule] as const)));

  const pruning: Pruning = {
    hparams,
    prunedWeights: names.filter((name) => ruleOf.has(name)),

    initialState: () => ({
      lastMaskUpdateStep: 0,
      masks: new Map(weights.map((weight) => [weight.name, new Float32Array(sizeOf(weight)).fill(1)])),
      thresholds: new Map(names.map((name) => [name, 0])),
    }),

    isUpdateStep: (state, step) => isUpdateStep(hparams, state.lastMaskUpdateStep, step),

    update(state, step, values, gradients = new Map()) {
      if (pruning.isUpdateStep(state, step)) return pruning.updateMasks(state, step, values, gradients);
      const next = remember(rules, state, { step, weights: values, gradients });
      return { state: next, updated: false, warnings: [] };
    },

    updateMasks: (state, step, values, gradients = new Map()) =>
      updateMasks(rules, hparams.threshold_decay, state, { step, weights: values, gradients }),

    sparsityAt(step, weight) {
      if (weight === undefined) return schedule(step);
      if (!names.includes(weight)) throw unknownWeight(weight, names);
      return ruleOf.get(weight)?.schedule(step) ?? 0;
    },

    warnings: (maxSteps) => matchedWarnings(matched, maxSteps),
  };
  return pruning;
}

function unknownWeight(name: string, known: readonly string[]): UserError {
  return new UserError('argument', `pruning: ${name} is not among the weights ${known.join(', ')}`);
}
