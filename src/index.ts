/** The public library. Parts that are useful on their own have their own entries, such as `cifar10-prune/pruning`. */
export { classNames, type Dataset, type DatasetOptions, loadDataset, loadSplit } from './dataset/index.ts';
export type { Engine, Observation, StepOptions, StepResult } from './engine/engine.ts';
export { selectEngine } from './engine/select.ts';
export { type ErrorCode, UserError } from './errors.ts';
export { metaGraph, trainingGraph } from './graph/index.ts';
export {
  type EvaluateCheckpointJob,
  type EvaluateJob,
  type EvaluateModelJob,
  type Evaluation,
  evaluate,
  type StripJob,
  type StripResult,
  strip,
  type TrainJob,
  train,
} from './jobs/index.ts';
export { logitsName } from './model/connected-layers.ts';
export type { Layer, Network } from './model/network.ts';
export { initialValues, trainableVariables } from './model/variables.ts';
export { createPruning, type Pruning, type PruningState, parseHparams } from './pruning/index.ts';
export { type FrozenModel, type FrozenModelOptions, loadFrozenModel } from './runtime/index.ts';
export { CIFAR10, CIFAR10_NETWORK } from './tasks/cifar10.ts';
export type { Recipe, Task } from './tasks/task.ts';
export type { StepReport, TrainObserver, TrainResult } from './train/index.ts';
