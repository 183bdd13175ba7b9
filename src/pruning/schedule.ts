import type { PruningHparams } from '../hparams/index.ts';

/** From a global step to the sparsity of the masks computed at that step, a float32 in [0, 1]. */
export type SparsitySchedule = (step: number) => number;

/** When and how sparsity moves from `initial` to `target`. */
export interface SparsityFunction {
  /** Sparsity up to `beginStep`, in [0, 1). */
  readonly initial: number;
  /** Sparsity from `endStep` on, in [0, 1). */
  readonly target: number;
  readonly beginStep: number;
  /** Must be greater than `beginStep`. */
  readonly endStep: number;
  /** 1: sparsity grows evenly; 3, as in the paper: fast while many weights are redundant, slowly at the end. */
  readonly exponent: number;
}

/**
 * The gradual schedule of Zhu and Gupta, "To prune, or not to prune" (2017), as TensorFlow computes it, each operation
 * rounded to float32:
 *
 *     p = clamp((step - beginStep) / (endStep - beginStep), 0, 1)
 *     sparsity = (initial - target) * (1 - p) ^ exponent + target
 *
 * From 0 to 0.5 over steps 0 to 100 with exponent 3, the sparsity at step 50 is -0.5 * 0.5^3 + 0.5 = 0.4375. The schedule
 * is defined at every step; only the steps that update masks read it.
 */
export function polynomialSchedule(sparsityFunction: SparsityFunction): SparsitySchedule {
  const { initial, target, beginStep, endStep, exponent } = sparsityFunction;
  const { fround } = Math;
  // TensorFlow's graph holds this difference as one constant, subtracted in float64.
  const span = fround(initial - target);
  return (step) => {
    const progress = fround(fround(step - beginStep) / fround(endStep - beginStep));
    const remaining = fround(1 - Math.min(1, Math.max(0, progress)));
    return fround(fround(span * fround(remaining ** fround(exponent))) + fround(target));
  };
}

/**
 * The schedule of a weight with its own target. TensorFlow scales the common schedule by target / target_sparsity, which
 * is wrong where initial_sparsity is not 0; this moves from initial_sparsity to the weight's own target instead.
 */
export function weightSchedule(hparams: PruningHparams, target = hparams.target_sparsity): SparsitySchedule {
  return polynomialSchedule({
    initial: hparams.initial_sparsity,
    target,
    beginStep: hparams.sparsity_function_begin_step,
    endStep: hparams.sparsity_function_end_step,
    exponent: hparams.sparsity_function_exponent,
  });
}
