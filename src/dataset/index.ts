export {
  type Augmentation,
  adjustBrightness,
  adjustContrast,
  augment,
  CROP_SIZE,
  CROP_VALUES,
  centralImage,
  crop,
  drawAugmentation,
  flipLeftRight,
  standardize,
} from './augment.ts';
export {
  BATCH_FILES,
  BATCH_FOLDER,
  CIFAR10_CLASS_NAMES,
  locateBatchFiles,
  readBatchFiles,
  type Split,
  writeBatchFiles,
} from './batch-files.ts';
export {
  type Batch,
  evaluationBatches,
  shuffledOrder,
  type TrainingBatch,
  type TrainingBatchOptions,
  trainingBatches,
} from './batches.ts';
export { type DownloadOptions, download, type OnProgress } from './download.ts';
export { readImageFile } from './image-file.ts';
export {
  classNames,
  type Dataset,
  type DatasetName,
  type DatasetOptions,
  loadDataset,
  loadSplit,
} from './load.ts';
export { CIFAR10_MD5, CIFAR10_URL, type ObtainOptions, obtainBatchFiles } from './obtain.ts';
export { BatchQueue, type PrefetchOptions, prefetchBatches } from './prefetch.ts';
export {
  CHANNELS,
  CLASS_COUNT,
  checkRecords,
  IMAGE_BYTES,
  IMAGE_SIZE,
  type LabelledImage,
  parseRecords,
  RECORD_BYTES,
  Records,
  serializeRecords,
} from './records.ts';
export { SYNTHETIC_CLASS_NAMES, SYNTHETIC_COUNTS, syntheticRecords } from './synthetic/synthetic.ts';
