/** Public as `cifar10-prune/cifar10-loader`: CIFAR-10's files, and the batches of TensorFlow's CIFAR-10 example. */
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

/** Height and width in pixels of a picture in the files. The network reads a 24x24 crop of it. */
export const IMAGE_SIZE = stored.height;
export const CHANNELS = stored.channels;
export const CLASS_COUNT = stored.classes;
export const IMAGE_BYTES = dataset.imageBytes(stored);
/** Bytes of a record of the binary layout: a label byte, then the red, the green and the blue plane. */
export const RECORD_BYTES = dataset.recordBytes(stored);
/** Height and width in pixels of the crop that the network reads. */
export const CROP_SIZE = input[0];
/** Number of float32 values in a network input: CROP_SIZE x CROP_SIZE x 3. */
export const CROP_VALUES = dataset.imageValues(input);

export type TrainingBatchOptions = Omit<dataset.TrainingBatchOptions, 'input' | 'augmentation'>;
export type PrefetchOptions = Omit<dataset.PrefetchOptions, 'input' | 'augmentation'>;

/** Draws a crop's first row and column, each from 0 to 8, a flip, a brightness in [-63, 63) and a contrast in [0.2, 1.8). */
export const drawAugmentation = (stream: RandomStream) => dataset.drawAugmentation(stream, cropping, ranges);

/**
 * Makes a training image as TensorFlow's CIFAR-10 input does: crop, flip, brightness, contrast, standardization, in this order and
 * without clipping in between.
 *
 * @param planes 3,072 bytes, as {@link Records.planes} returns them
 * @param into receives CROP_VALUES values, [height, width, channels]
 */
export const augment = (planes: Uint8Array, augmentation: dataset.Augmentation, into: Float32Array) =>
  dataset.augment(planes, cropping, augmentation, into);

/** Makes an evaluation image: the central crop, standardized. For the parameters see {@link augment}. */
export const centralImage = (planes: Uint8Array, into: Float32Array) =>
  dataset.centralImage(planes, cropping, into);

/** Copies the 24x24 crop that starts at row `top`, column `left`, from byte planes to floats, [height, width, channels]. */
export const crop = (planes: Uint8Array, top: number, left: number, into: Float32Array) =>
  dataset.crop(planes, cropping, top, left, into);

/** Mirrors a crop in place. */
export const flipLeftRight = (image: Float32Array) => dataset.flipLeftRight(image, input);

/** (x - mean) * factor + mean with the mean of x's own channel, in place, as tf.image.adjust_contrast does. */
export const adjustContrast = (image: Float32Array, factor: number) =>
  dataset.adjustContrast(image, factor, input);

/**
 * The training batches of all steps. A batch is a function of seed and step alone, so that a resumed run reads the same batches. Each
 * epoch has its own order, without replacement; a batch may reach into the next epoch. Images are [batch, 24, 24, 3].
 *
 * @returns a function from the step (0, 1, ...) to its batch; it reuses the memory of `into`, a batch that is no longer needed
 * @throws UserError `dataset` if there are no records, `argument` if the batch size is not a positive integer
 *
 * @example
 * const batchAt = trainingBatches(train, { batchSize: 128, seed: 1 });
 * const { images, labels } = batchAt(0); // positions 0 to 127 of epoch 0
 */
export const trainingBatches = (records: dataset.Records, options: TrainingBatchOptions) =>
  dataset.trainingBatches(records, { ...options, input, augmentation: ranges });

/**
 * Evaluation batches with every record once, in order: central crops, standardized. The last batch is smaller if the count is not a
 * multiple of the batch size.
 *
 * @throws UserError `dataset` if there are no records, `argument` if the batch size is not a positive integer
 */
export const evaluationBatches = (records: dataset.Records, batchSize: number) =>
  dataset.evaluationBatches(records, batchSize, input);

/**
 * Prepares training batches on another thread, a few steps ahead. They are the batches of `trainingBatches`, in the order of steps.
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
 * Reads a picture of any size and converts it to the layout of CIFAR-10's files: scaled until it covers 32x32 pixels, then cropped
 * around its centre.
 *
 * @param path path of a PNG, JPEG or WebP file, whatever its name
 * @returns 3,072 bytes, as {@link Records.planes} returns them
 * @throws UserError `dataset` if the file is not such a picture or is damaged, or if sharp is not installed; `file` if it cannot be
 *   read
 */
export const readImageFile = (path: string) => dataset.readImageFile(path, stored);
