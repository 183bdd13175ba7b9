export { type Accuracy, AccuracyCounter, perClassAccuracy } from './accuracy.ts';
export {
  type CheckpointAccuracy,
  type Examples,
  evaluateCheckpoint,
  evaluateFrozenModel,
  evaluateOpenCheckpoint,
  firstExamples,
  hasAverages,
  noLogits,
  type Weights,
} from './evaluate.ts';
export { firstMistakes, type Misclassified, type MistakeOptions } from './mistakes.ts';
export { type RankedClass, softmax, topClasses } from './top-classes.ts';
