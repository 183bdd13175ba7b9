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
