/** Public as `cifar10-prune/cifar10-loader`: CIFAR-10's files, and the batches that TensorFlow's CIFAR-10 example makes of them. */
import * as dataset from './dataset/index.ts';
import type { RandomStream } from './random.ts';
import { CIFAR10 } from './tasks/cifar10.ts';

export {
  type Augmentation,
  adjustBrightness,
  BATCH_FILES,
  BATCH_FOLDER,
  type Batch,
  BatchQueue,
  CIFAR10_CLASS_NAMES,
  CIFAR10_MD5,
  CIFAR10_URL,
  checkRecords,
  classNames,
  type Dataset,
  type DatasetName,
  type DatasetOptions,
  type DownloadOptions,
  download,
  type LabelledImage,
  loadDataset,
  loadSplit,
  locateBatchFiles,
  type ObtainOptions,
  type OnProgress,
  obtainBatchFiles,
  parseRecords,
  Records,
  readBatchFiles,
  type Split,
  SYNTHETIC_CLASS_NAMES,
  SYNTHETIC_COUNTS,
  serializeRecords,
  shuffledOrder,
  standardize,
  syntheticRecords,
  type TrainingBatch,
  writeBatchFiles,
} from './dataset/index.ts';

const {
  network: { input },
  recipe: { augmentation: ranges },
} = CIFAR10;
const stored = dataset.CIFAR10_FORMAT;
const cropping = { stored, input };

/** Height and width of a picture in the files; the network sees a 24x24 crop of it. */
export const IMAGE_SIZE = stored.height;
export const CHANNELS = stored.channels;
export const CLASS_COUNT = stored.classes;
export const IMAGE_BYTES = dataset.imageBytes(stored);
/** One record of the binary layout: a label byte, then the red, the green and the blue plane. */
export const RECORD_BYTES = dataset.recordBytes(stored);
/** Height and width of the crop that the network sees. */
export const CROP_SIZE = input[0];
/** float32 values of one network input: CROP_SIZE x CROP_SIZE x 3. */
export const CROP_VALUES = dataset.imageValues(input);

export type TrainingBatchOptions = Omit<dataset.TrainingBatchOptions, 'input' | 'augmentation'>;
export type PrefetchOptions = Omit<dataset.PrefetchOptions, 'input' | 'augmentation'>;

/** Draws a crop of 0 to 8, a flip, a brightness in [-63, 63) and a contrast in [0.2, 1.8). */
export const drawAugmentation = (stream: RandomStream) => dataset.drawAugmentation(stream, cropping, ranges);

/**
 * A training image as TensorFlow's CIFAR-10 input makes it: crop, flip, brightness, contrast, standardization, in this order and
 * without clipping in between.
 *
 * @param planes 3,072 bytes as {@link Records.planes} returns them
 * @param into where the CROP_VALUES results go, height x width x channel
 */
export const augment = (planes: Uint8Array, augmentation: dataset.Augmentation, into: Float32Array) =>
  dataset.augment(planes, cropping, augmentation, into);

/** An evaluation image: the central crop, standardized. Parameters as {@link augment}'s. */
export const centralImage = (planes: Uint8Array, into: Float32Array) =>
  dataset.centralImage(planes, cropping, into);

/** Copies the 24x24 window that starts at row `top`, column `left`, from byte planes to height x width x channel floats. */
export const crop = (planes: Uint8Array, top: number, left: number, into: Float32Array) =>
  dataset.crop(planes, cropping, top, left, into);

/** Mirrors a crop in place. */
export const flipLeftRight = (image: Float32Array) => dataset.flipLeftRight(image, input);

/** (x - mean) * factor + mean with the mean of x's own channel, in place, as tf.image.adjust_contrast does. */
export const adjustContrast = (image: Float32Array, factor: number) =>
  dataset.adjustContrast(image, factor, input);

/**
 * The training batch of every step, as a function of (seed, step) and nothing else: a run that resumes at a step sees what it
 * would have seen. Each epoch is its own shuffle without replacement; a batch may reach into the next epoch. Images are
 * [batch, 24, 24, 3].
 *
 * @returns a function from the step (0, 1, ...) to its batch; `into`, a batch no longer in use, lends its memory
 * @throws UserError `dataset` when there are no records, `argument` on a batch size that is not a positive integer
 *
 * @example
 * const batchAt = trainingBatches(train, { batchSize: 128, seed: 1 });
 * const { images, labels } = batchAt(0); // positions 0 to 127 of epoch 0
 */
export const trainingBatches = (records: dataset.Records, options: TrainingBatchOptions) =>
  dataset.trainingBatches(records, { ...options, input, augmentation: ranges });

/**
 * Every record once, in order, as evaluation sees it: central crop, standardized. The last batch is smaller where the count is not
 * a multiple of the batch size.
 *
 * @throws UserError `dataset` when there are no records, `argument` on a batch size that is not a positive integer
 */
export const evaluationBatches = (records: dataset.Records, batchSize: number) =>
  dataset.evaluationBatches(records, batchSize, input);

/**
 * Prepares the training batches of step after step on a thread of its own, some steps ahead of their use. The batches are those of
 * `trainingBatches`, in the order of steps.
 *
 * @example
 * const queue = prefetchBatches(train, { batchSize: 128, seed: 1, firstStep: 70 });
 * let batch = await queue.next(); // step 70
 * batch = await queue.next(batch); // step 71, in memory that step 70 no longer needs
 * await queue.close();
 */
export const prefetchBatches = (records: dataset.Records, options: PrefetchOptions) =>
  dataset.prefetchBatches(records, { ...options, input, augmentation: ranges });

/**
 * Reads a picture of any size as CIFAR-10's files would hold it: see `readImageFile` of the dataset.
 *
 * @param path of a PNG, JPEG or WebP file, whatever its name
 * @returns 3,072 bytes as {@link Records.planes} returns them
 * @throws UserError `dataset` where the file holds no such picture or a damaged one, or sharp is not there; `file` where it
 *   cannot be read
 */
export const readImageFile = (path: string) => dataset.readImageFile(path, stored);
