import { UserError } from '../errors.ts';
import type { CriterionMemory, WeightObservation } from './criterion.ts';
import { keepLargest } from './mask.ts';
import type { PruningRule } from './rules.ts';
import type { PruningState } from './state.ts';
import { type NamedWeight, sizeOf } from './weights.ts';

export interface PruningUpdate {
  readonly state: PruningState;
  /** Whether masks were computed. If not, `state` is the state that was passed in, unless a criterion remembers the step. */
  readonly updated: boolean;
  /** One line for each weight tensor whose last surviving weight this update has masked. */
  readonly warnings: readonly string[];
}

/** A completed training step, with the weights after it and their gradients in it, by weight name. */
export interface StepValues {
  readonly step: number;
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

const NO_VALUES = new Float32Array();
const NO_MEMORY: CriterionMemory = new Map();

/** The state after a step without a mask update. It is `state` itself if no criterion remembers anything. */
export function remember(
  rules: readonly PruningRule[],
  state: PruningState,
  values: StepValues,
): PruningState {
  const memory = new Map(state.memory);
  for (const rule of rules)
    for (const weight of rule.criterion.remember ? rule.weights : [])
      memory.set(weight.name, rule.criterion.remember!(observe(rule, weight, state, values)));
  return memory.size === 0 ? state : { ...state, memory };
}

/**
 * Computes the masks after a step. For each rule, the criterion scores weights, the structure pools these scores into scores of
 * units, and the schedule says which share of the units survives.
 *
 * @param thresholdDecay decay of the moving average of thresholds; 0 for none
 */
export function updateMasks(
  rules: readonly PruningRule[],
  thresholdDecay: number,
  before: PruningState,
  values: StepValues,
): PruningUpdate {
  const state = remember(rules, before, values);
  const masks = new Map(state.masks);
  const thresholds = new Map(state.thresholds);
  const warnings: string[] = [];
  for (const rule of rules) {
    const { criterion, structure, weights } = rule;
    const sparsity = rule.schedule(values.step);
    const scores = weights.map((weight) => {
      checkState(weight, state);
      const observation = observe(rule, weight, state, values);
      const given = criterion.scores(observation);
      // `observe` has checked the weights themselves.
      if (given !== observation.weights) refuseNotFinite(weight.name, given, values.step, 'scores');
      return given;
    });
    const previous = state.thresholds.get(weights[0]!.name)!;
    const units = keepLargest(structure.pool(scores), sparsity, previous, thresholdDecay);
    structure.expand(units.mask).forEach((mask, index) => {
      const weight = weights[index]!;
      const wasMaskedWhole = isMaskedWhole(state.masks.get(weight.name)!);
      masks.set(weight.name, mask);
      thresholds.set(weight.name, units.threshold);
      if (isMaskedWhole(mask) && !wasMaskedWhole) warnings.push(maskedWhole(weight, values.step, sparsity));
    });
  }
  return { state: { ...state, lastMaskUpdateStep: values.step, masks, thresholds }, updated: true, warnings };
}

function observe(
  { criterion }: PruningRule,
  weight: NamedWeight,
  { memory }: PruningState,
  values: StepValues,
): WeightObservation {
  const weights = sized(weight, values.weights, '');
  refuseNotFinite(weight.name, weights, values.step, 'weights');
  return {
    weights,
    gradients: criterion.needsGradients ? sized(weight, values.gradients, 'the gradient of ') : NO_VALUES,
    memory: memory?.get(weight.name) ?? NO_MEMORY,
  };
}

/** The values of a weight. @throws UserError `argument` if they are missing or their number is wrong */
function sized(weight: NamedWeight, values: ReadonlyMap<string, Float32Array>, what: string): Float32Array {
  const given = values.get(weight.name);
  const size = sizeOf(weight);
  if (given?.length === size) return given;
  const held = given ? `${given.length} values` : 'nothing';
  throw new UserError(
    'argument',
    `pruning: ${held} given for ${what}${weight.name}, expected ${size} values`,
  );
}

function checkState(weight: NamedWeight, { masks, thresholds }: PruningState): void {
  const { name } = weight;
  const size = sizeOf(weight);
  if (!thresholds.has(name))
    throw new UserError('argument', `pruning: the state holds no threshold of ${name}`);
  const mask = masks.get(name);
  if (mask?.length === size) return;
  const held = mask ? `a mask of ${mask.length} values` : 'no mask';
  throw new UserError('argument', `pruning: the state holds ${held} of ${name}, expected ${size} values`);
}

function refuseNotFinite(name: string, values: Float32Array, step: number, what: 'weights' | 'scores'): void {
  for (let index = 0; index < values.length; index++) {
    if (Number.isFinite(values[index])) continue;
    throw new UserError(
      'diverged',
      `pruning: ${name} ${what === 'weights' ? 'holds' : 'has the score'} ${values[index]} (element ${index}) at step ${step}, expected finite ${what}`,
      'Go back to an earlier checkpoint, or choose a smaller learning rate: training has diverged.',
    );
  }
}

function isMaskedWhole(mask: Float32Array): boolean {
  return !mask.includes(1);
}

function maskedWhole(weight: NamedWeight, step: number, sparsity: number): string {
  return `${weight.name}: all ${sizeOf(weight)} weights are masked from step ${step} on, at sparsity ${sparsity.toPrecision(4)}`;
}
