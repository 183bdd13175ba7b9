/** TensorFlow's names of a layer's variables and graph nodes. */
export const weightsName = (layer: string) => `${layer}/weights`;
/** The layer of a variable: `conv1` of `conv1/weights`. */
export const layerOf = (variable: string) => variable.replace(/\/[^/]*$/, '');
export const biasesName = (layer: string) => `${layer}/biases`;
export const maskName = (layer: string) => `${layer}/mask`;
export const thresholdName = (layer: string) => `${layer}/threshold`;
export const averageName = (variable: string) => `${variable}/ExponentialMovingAverage`;
export const weightLossAverageName = (layer: string) => `${layer}/weight_loss/avg`;
export const maskedWeightName = (layer: string) => `${layer}/weights/masked_weight`;

/** Variables that belong to the run, not to a layer. */
export const GLOBAL_STEP = 'global_step';
export const TOTAL_LOSS_AVERAGE = 'total_loss/avg';
export const CROSS_ENTROPY_AVERAGE = 'cross_entropy/avg';
export const lastMaskUpdateStepName = (pruningName: string) => `${pruningName}/last_mask_update_step`;
/** The hparam `name`, found in the names of a run's variables; undefined if the run does not prune. */
export function pruningNameIn(variables: readonly string[]): string | undefined {
  const ending = lastMaskUpdateStepName('');
  return variables.find((name) => name.endsWith(ending))?.slice(0, -ending.length);
}

/**
 * The name of a layer's last operation. TensorFlow's pruning example enters the layer's variable scope twice more, for mask and
 * threshold, so TensorFlow appends `_2` to the operation that follows.
 */
export const layerOutputName = (layer: string) => `${layer}/${layer}_2`;

/** The Reshape that flattens a fully connected layer's input, or the output of the last layer, to [batch, values]. */
export const flatName = (layer: string) => `${layer}/Reshape`;

/** The placeholder that takes the images, in training graphs and in frozen ones. */
export const INPUT_NODE = 'images';
export const LABELS_NODE = 'labels';
export const CROSS_ENTROPY_NODE = 'cross_entropy';
export const TOTAL_LOSS_NODE = 'total_loss';
/** The operation that sets all variables to their initial values. */
export const INIT_NODE = 'init';
/** The scope of the operations that save and restore. */
export const SAVER_SCOPE = 'save';

/** Names that a layer cannot have, because nodes of the training graph have them. */
export const RESERVED_NAMES: readonly string[] = [
  INPUT_NODE,
  LABELS_NODE,
  CROSS_ENTROPY_NODE,
  TOTAL_LOSS_NODE,
  INIT_NODE,
  SAVER_SCOPE,
  GLOBAL_STEP,
];
