export {
  type CheckpointEvaluator,
  type EvaluateCheckpointJob,
  type EvaluateJob,
  type EvaluateModelJob,
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  openEvaluator,
} from './evaluate.ts';
export { type Size, type StripJob, type StripResult, strip, type WrittenExport } from './strip.ts';
export { taskBehind, taskOfModel, taskOfRun } from './task.ts';
export { type TrainJob, train } from './train.ts';
