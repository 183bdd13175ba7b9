/** Enough steps for a training to prune the network and to let it recover. */
export const DEFAULT_MAX_STEPS = 10_000;

/** Fraction of a training's steps in which sparsity grows, unless the user says otherwise; in the rest the network recovers. */
const PRUNING_PART = 0.75;

/** The default of `sparsity_function_end_step` for a training of `maxSteps` steps. */
export const pruningEnd = (maxSteps: number) => Math.max(1, Math.round(maxSteps * PRUNING_PART));
