export { type Accuracy, AccuracyCounter, perClassAccuracy } from './accuracy.ts';
export {
  type CheckpointAccuracy,
  type Examples,
  evaluateCheckpoint,
  evaluateFrozenModel,
  evaluateOpenCheckpoint,
  firstExamples,
  noLogits,
  type Weights,
} from './evaluate.ts';
export { type RankedClass, softmax, topClasses } from './top-classes.ts';
