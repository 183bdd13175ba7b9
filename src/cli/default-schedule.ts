/** Of a training that is to prune and to recover. */
export const DEFAULT_MAX_STEPS = 10_000;

/** Of a training's steps, in which sparsity grows unless the user says otherwise; in the rest the network recovers. */
const PRUNING_PART = 0.75;

/** A `sparsity_function_end_step` for a training of so many steps. */
export const pruningEnd = (maxSteps: number) => Math.max(1, Math.round(maxSteps * PRUNING_PART));
