export {
  type Augmentation,
  type AugmentationRanges,
  adjustBrightness,
  adjustContrast,
  augment,
  type Cropping,
  centralImage,
  crop,
  drawAugmentation,
  flipLeftRight,
  imageValues,
  standardize,
} from './augment.ts';
export {
  BATCH_FILES,
  BATCH_FOLDER,
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
export { CIFAR10_CLASS_NAMES, CIFAR10_FORMAT } from './cifar10-format.ts';
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
export { type ImageShape, imageBytes, planeBytes, type RecordFormat, recordBytes } from './record-format.ts';
export { checkRecords, type LabelledImage, parseRecords, Records, serializeRecords } from './records.ts';
export type { DatasetSource, LoadOptions } from './source.ts';
export { SYNTHETIC_CLASS_NAMES, SYNTHETIC_COUNTS, syntheticRecords } from './synthetic/synthetic.ts';
