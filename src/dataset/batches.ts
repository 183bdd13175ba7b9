import { UserError } from '../errors.ts';
import { randomStream } from '../random.ts';
import {
  type AugmentationRanges,
  augment,
  centralImage,
  drawAugmentation,
  imageValues,
  refuseMisfit,
} from './augment.ts';
import type { ImageShape } from './record-format.ts';
import type { Records } from './records.ts';

/** Network inputs with their labels. */
export interface Batch {
  /** [batch, height, width, channels], row-major, standardized. */
  readonly images: Float32Array<ArrayBuffer>;
  /** The class of each image, from 0 on. */
  readonly labels: Uint8Array<ArrayBuffer>;
}

export interface TrainingBatch extends Batch {
  /** The training step that uses this batch; the first step of a run is 0. */
  readonly step: number;
}

export interface TrainingBatchOptions {
  readonly batchSize: number;
  /** Determines the order of the images and the augmentation of each. */
  readonly seed: number;
  /** Shape of the network's input. */
  readonly input: ImageShape;
  readonly augmentation: AugmentationRanges;
}

/**
 * The training batches of all steps. A batch is a function of seed and step alone, so that a resumed run reads the same batches. Each
 * epoch has its own order, without replacement; a batch may reach into the next epoch.
 *
 * @returns a function from the step (0, 1, ...) to its batch; it reuses the memory of `into`, a batch that is no longer needed
 * @throws UserError `dataset` if there are no records or they do not fit the input, `argument` if the batch size is not a positive
 *   integer
 *
 * @example
 * const { network, recipe: { augmentation } } = CIFAR10;
 * const batchAt = trainingBatches(train, { batchSize: 128, seed: 1, input: network.input, augmentation });
 * const { images, labels } = batchAt(0); // positions 0 to 127 of epoch 0
 */
export function trainingBatches(
  records: Records,
  { batchSize, seed, input, augmentation }: TrainingBatchOptions,
): (step: number, into?: Batch) => TrainingBatch {
  checkBatchSize(records, batchSize);
  const cropping = { stored: records.format, input };
  refuseMisfit(cropping);
  let epoch = -1;
  let order = new Uint32Array();
  const recordAt = (position: number) => {
    const wanted = Math.floor(position / records.count);
    if (wanted !== epoch) {
      epoch = wanted;
      order = shuffledOrder(records.count, seed, epoch);
    }
    return order[position % records.count]!;
  };
  return (step, into = emptyBatch(batchSize, input)) => {
    const stream = randomStream(seed, 'augment', step);
    fill(into, (i, image) => {
      const record = recordAt(step * batchSize + i);
      const drawn = drawAugmentation(stream, cropping, augmentation);
      augment(records.planes(record), cropping, drawn, image);
      return records.label(record);
    });
    return { step, images: into.images, labels: into.labels };
  };
}

/**
 * Evaluation batches with every record once, in order: central crops, standardized. The last batch is smaller if the count is not a
 * multiple of the batch size.
 *
 * @param input shape of the network's input
 * @throws UserError as {@link trainingBatches}
 */
export function* evaluationBatches(records: Records, batchSize: number, input: ImageShape): Generator<Batch> {
  checkBatchSize(records, batchSize);
  const cropping = { stored: records.format, input };
  refuseMisfit(cropping);
  for (let start = 0; start < records.count; start += batchSize) {
    const batch = emptyBatch(Math.min(batchSize, records.count - start), input);
    fill(batch, (i, image) => {
      centralImage(records.planes(start + i), cropping, image);
      return records.label(start + i);
    });
    yield batch;
  }
}

/** A permutation of 0 to count - 1, a function of seed and epoch (Fisher and Yates; Durstenfeld 1964). */
export function shuffledOrder(count: number, seed: number, epoch: number): Uint32Array<ArrayBuffer> {
  const stream = randomStream(seed, 'shuffle', epoch);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let last = count - 1; last > 0; last--) {
    const other = stream.integer(last + 1);
    const value = order[last]!;
    order[last] = order[other]!;
    order[other] = value;
  }
  return order;
}

const emptyBatch = (size: number, input: ImageShape): Batch => ({
  images: new Float32Array(size * imageValues(input)),
  labels: new Uint8Array(size),
});

/** Fills a batch. @param fillImage writes image number `i` and returns its label */
function fill({ images, labels }: Batch, fillImage: (i: number, image: Float32Array) => number): void {
  const values = images.length / labels.length;
  for (let i = 0; i < labels.length; i++) {
    labels[i] = fillImage(i, images.subarray(i * values, (i + 1) * values));
  }
}

function checkBatchSize(records: Records, batchSize: number): void {
  if (records.count === 0) throw new UserError('dataset', 'there are no records to make batches of');
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new UserError('argument', `batch size is ${batchSize}; expected a positive integer`);
  }
}
