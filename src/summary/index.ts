export { EventWriter, type EventWriterOptions } from './event-writer.ts';
export {
  type HparamColumn,
  type HparamValue,
  hparamColumns,
  hparamsExperiment,
  hparamsSessionEnd,
  hparamsSessionStart,
  type MetricColumn,
} from './hparams.ts';
export type { Picture } from './image.ts';
export {
  EVALUATION_GROUP,
  evaluationSummaries,
  type PruningReport,
  pruningSummaries,
  type RunDescription,
  runSummaries,
  type TrainingReport,
  trainingSummaries,
} from './run-summaries.ts';
export { histogram, image, images, type PictureBatch, type SummaryValue, scalar, text } from './values.ts';
