export {
  DEFAULT_HPARAMS,
  formatHparams,
  hparamsNotices,
  type PruningHparams,
  parseHparams,
  withDefaults,
} from '../hparams/index.ts';
export { type BlockGrid, type BlockPooling, blockGrid, expandBlocks, poolBlocks } from './blocks.ts';
export { applyMask, type MaskAndThreshold, magnitudeMask, sparsity } from './mask.ts';
export { createPruning, type Pruning } from './pruning.ts';
export {
  polynomialSchedule,
  type SparsityFunction,
  type SparsitySchedule,
  weightSchedule,
} from './schedule.ts';
export {
  deserializeState,
  type PruningState,
  type SerializedPruningState,
  type SerializedWeightState,
  serializeState,
} from './state.ts';
export { kthLargestMagnitude, smoothThreshold, survivorCount } from './threshold.ts';
export type { PruningUpdate } from './update.ts';
export { isUpdateStep } from './update-steps.ts';
export { pruningWarnings } from './warnings.ts';
export type { NamedWeight } from './weights.ts';
