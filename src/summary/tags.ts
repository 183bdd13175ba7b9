import { maskName, thresholdName } from '../model/names.ts';

/** Where a run's numbers are found in TensorBoard: each tag, spelled once. */
export const LEARNING_RATE_TAG = 'learning_rate';
export const STEPS_PER_SECOND_TAG = 'global_step/sec';
export const PRECISION_TAG = 'Precision @ 1';
export const IMAGES_TAG = 'images';
/** The TEXT page goes by the alphabet: what decides a run first, then what it was called with. */
export const HPARAMS_TAG = 'pruning_hparams';
export const FLAGS_TAG = 'train_flags';

/** @param pruningName the hparam `name` */
export const pruningTags = (pruningName: string) => ({
  sparsity: `${pruningName}_summaries/sparsity`,
  lastMaskUpdateStep: `${pruningName}_summaries/last_mask_update_step`,
  maskSparsity: (layer: string) => `${pruningName}_summaries/${maskName(layer)}/sparsity`,
  threshold: (layer: string) => `${pruningName}_summaries/${thresholdName(layer)}/threshold`,
});

/** The tag of a smoothed loss, `total_loss`, from the name of the variable that holds it, `total_loss/avg`. */
export const lossTag = (averageVariable: string) => averageVariable.replace(/\/avg$/, '');
export const rawLossTag = (averageVariable: string) => `${lossTag(averageVariable)}/raw`;

export const gradientsTag = (variable: string) => `${variable}/gradients`;
export const maskedWeightsTag = (layer: string) => `${layer}/masked_weights`;
export const activationsTag = (layer: string) => `${layer}/activations`;
/** Never called sparsity, which is what masks have. */
export const zeroFractionTag = (layer: string) => `${activationsTag(layer)}/zero_fraction`;
