import { UserError } from '../errors.ts';
import { type PruningHparams, parseHparams, withDefaults } from '../hparams/index.ts';
import { expandBlocks, poolBlocks } from './blocks.ts';
import { type MaskAndThreshold, magnitudeMask } from './mask.ts';
import { matchHparams, type NamedWeight } from './matches.ts';
import { type WeightRule, weightRules } from './rules.ts';
import { weightSchedule } from './schedule.ts';
import type { PruningState } from './state.ts';
import { isUpdateStep } from './update-steps.ts';
import { matchedWarnings } from './warnings.ts';

export interface PruningUpdate {
  readonly state: PruningState;
  /** Whether masks were computed anew; if not, `state` is the state that was passed in. */
  readonly updated: boolean;
  /** One line for each weight that this update has masked whole. */
  readonly warnings: readonly string[];
}

/** How a set of weights is pruned. It holds no state: what changes goes in and comes out as a `PruningState`. */
export interface Pruning {
  readonly hparams: PruningHparams;
  /** Names of the weights that are pruned, in the order given: all but those of do_not_prune. */
  readonly prunedWeights: readonly string[];
  /** All masks 1, all thresholds 0, also for the weights of do_not_prune. */
  initialState(): PruningState;
  /** Whether `update` computes masks at this step, and so needs the weights. */
  isUpdateStep(state: PruningState, step: number): boolean;
  /**
   * To be called after each training step.
   *
   * @param step the global step after that training step, 1 after the first
   * @param weights raw (unmasked) values of at least `prunedWeights`, row-major
   * @throws UserError `argument` if a weight or its state is missing or has a wrong length; `diverged` if a weight is NaN
   *   or infinite
   */
  update(state: PruningState, step: number, weights: ReadonlyMap<string, Float32Array>): PruningUpdate;
  /**
   * The sparsity that an update at this step aims at, for one weight or, without a name, for all that have no entry in
   * weight_sparsity_map. 0 for a weight of do_not_prune.
   *
   * @throws UserError `argument` on an unknown name
   */
  sparsityAt(step: number, weight?: string): number;
  /** What the hparams cannot do in a run of `maxSteps` steps: `pruningWarnings` for these weights. */
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
 * @param hparams an hparams string, or values by name; what they leave out has its default
 * @throws UserError `hparams` on bad hparams and where two entries of a map match one weight; `argument` on bad weights
 */
export function createPruning(
  hparams: string | Partial<PruningHparams>,
  weights: readonly NamedWeight[],
): Pruning {
  const values = typeof hparams === 'string' ? parseHparams(hparams) : withDefaults(hparams);
  const matched = matchHparams(values, weights);
  const rules = weightRules(matched);
  const schedule = weightSchedule(values);
  const pruned = [...rules.values()].filter((rule) => rule.pruned);

  return {
    hparams: values,
    prunedWeights: pruned.map((rule) => rule.name),

    initialState: () => ({
      lastMaskUpdateStep: 0,
      masks: new Map([...rules].map(([name, { size }]) => [name, new Float32Array(size).fill(1)])),
      thresholds: new Map([...rules.keys()].map((name) => [name, 0])),
    }),

    isUpdateStep: (state, step) => isUpdateStep(values, state.lastMaskUpdateStep, step),

    update(state, step, rawWeights) {
      if (!isUpdateStep(values, state.lastMaskUpdateStep, step))
        return { state, updated: false, warnings: [] };
      const masks = new Map(state.masks);
      const thresholds = new Map(state.thresholds);
      const warnings: string[] = [];
      for (const rule of pruned) {
        const { name } = rule;
        const { mask, threshold } = updateWeight(rule, values, step, state, rawWeights.get(name));
        const wasMaskedWhole = isMaskedWhole(masks.get(name)!);
        masks.set(name, mask);
        thresholds.set(name, threshold);
        if (isMaskedWhole(mask) && !wasMaskedWhole) warnings.push(maskedWhole(rule, step));
      }
      return { state: { lastMaskUpdateStep: step, masks, thresholds }, updated: true, warnings };
    },

    sparsityAt(step, weight) {
      if (weight === undefined) return schedule(step);
      const rule = rules.get(weight);
      if (!rule) throw unknownWeight(weight, [...rules.keys()]);
      return rule.pruned ? rule.schedule(step) : 0;
    },

    warnings: (maxSteps) => matchedWarnings(matched, maxSteps),
  };
}

function updateWeight(
  { name, size, schedule, grid }: WeightRule,
  { threshold_decay, block_pooling_function }: PruningHparams,
  step: number,
  state: PruningState,
  weights: Float32Array | undefined,
): MaskAndThreshold {
  const threshold = state.thresholds.get(name);
  if (threshold === undefined)
    throw new UserError('argument', `pruning: the state holds no threshold of ${name}`);
  const mask = state.masks.get(name);
  if (mask?.length !== size) {
    const held = mask ? `a mask of ${mask.length} values` : 'no mask';
    throw new UserError('argument', `pruning: the state holds ${held} of ${name}, expected ${size} values`);
  }
  if (weights?.length !== size) {
    const given = weights ? `${weights.length} values` : 'nothing';
    throw new UserError('argument', `pruning: ${given} given for ${name}, expected ${size} values`);
  }
  refuseNotFinite(name, weights, step);
  if (!grid) return magnitudeMask(weights, schedule(step), threshold, threshold_decay);
  const pooled = poolBlocks(weights, grid, block_pooling_function);
  const blocks = magnitudeMask(pooled, schedule(step), threshold, threshold_decay);
  return { mask: expandBlocks(blocks.mask, grid), threshold: blocks.threshold };
}

function refuseNotFinite(name: string, weights: Float32Array, step: number) {
  for (let index = 0; index < weights.length; index++) {
    if (Number.isFinite(weights[index])) continue;
    throw new UserError(
      'diverged',
      `pruning: ${name} holds ${weights[index]} (element ${index}) at step ${step}, expected finite weights`,
      'Training has diverged: go back to an earlier checkpoint or take a smaller learning rate.',
    );
  }
}

function isMaskedWhole(mask: Float32Array): boolean {
  return !mask.includes(1);
}

function maskedWhole({ name, size, schedule }: WeightRule, step: number): string {
  return `${name}: all ${size} weights are masked from step ${step} on, at sparsity ${schedule(step).toPrecision(4)}`;
}

function unknownWeight(name: string, known: readonly string[]): UserError {
  return new UserError('argument', `pruning: ${name} is not among the weights ${known.join(', ')}`);
}
