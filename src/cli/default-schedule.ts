/** Of a training's steps, in which sparsity grows unless the user says otherwise; in the rest the network recovers. */
const PRUNING_PART = 0.75;

/** A `sparsity_function_end_step` for a training of so many steps. */
export const pruningEnd = (maxSteps: number) => Math.max(1, Math.round(maxSteps * PRUNING_PART));
