import { maskName, thresholdName } from '../model/names.ts';

// The tags of a run's values in TensorBoard; no other file spells them.
export const LEARNING_RATE_TAG = 'learning_rate';
export const STEPS_PER_SECOND_TAG = 'global_step/sec';
export const PRECISION_TAG = 'Precision @ 1';
export const IMAGES_TAG = 'images';
// The TEXT page sorts by tag, so that the hparams come before the flags.
export const HPARAMS_TAG = 'pruning_hparams';
export const FLAGS_TAG = 'train_flags';

/** @param pruningName the hparam `name` */
export const pruningTags = (pruningName: string) => ({
  sparsity: `${pruningName}_summaries/sparsity`,
  lastMaskUpdateStep: `${pruningName}_summaries/last_mask_update_step`,
  maskSparsity: (layer: string) => `${pruningName}_summaries/${maskName(layer)}/sparsity`,
  threshold: (layer: string) => `${pruningName}_summaries/${thresholdName(layer)}/threshold`,
});

/** The tag of an averaged loss, such as `total_loss`, from the name of its variable, `total_loss/avg`. */
export const lossTag = (averageVariable: string) => averageVariable.replace(/\/avg$/, '');
export const rawLossTag = (averageVariable: string) => `${lossTag(averageVariable)}/raw`;

export const gradientsTag = (variable: string) => `${variable}/gradients`;
export const maskedWeightsTag = (layer: string) => `${layer}/masked_weights`;
export const activationsTag = (layer: string) => `${layer}/activations`;
/** The tag of the zeros in a layer's activations. It does not say sparsity, which means that of masks. */
export const zeroFractionTag = (layer: string) => `${activationsTag(layer)}/zero_fraction`;
