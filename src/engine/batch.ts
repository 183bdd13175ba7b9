import { UserError } from '../errors.ts';
import type { Network } from '../model/network.ts';

/**
 * The number of images in a batch.
 *
 * @param images NHWC, of the network's input shape
 * @throws UserError `engine` if the values are not a whole number of images
 */
export function imageCount(network: Network, images: Float32Array): number {
  const [height, width, channels] = network.input;
  const count = images.length / (height * width * channels);
  if (Number.isInteger(count)) return count;
  throw new UserError(
    'engine',
    `a batch of ${images.length} values is no whole number of images; expected ${height} x ${width} x ${channels} values an image`,
  );
}

/** @throws UserError `engine` unless there is at least one image, one label for each image, and each label is a class of the network */
export function checkLabels(network: Network, images: number, labels: Uint8Array): void {
  if (labels.length !== images || images === 0) {
    throw new UserError(
      'engine',
      `a batch of ${images} images has ${labels.length} labels; expected one an image and at least one image`,
    );
  }
  const wrong = labels.findIndex((label) => label >= network.classes);
  if (wrong === -1) return;
  throw new UserError(
    'engine',
    `label ${wrong} of the batch is ${labels[wrong]}; expected a class from 0 to ${network.classes - 1}`,
  );
}

/** @throws UserError `engine` unless there are as many values as `shape` has; the message calls them `name` */
export function checkLength(name: string, shape: readonly number[], values: Float32Array): void {
  const expected = shape.reduce((product, extent) => product * extent, 1);
  if (values.length === expected) return;
  throw new UserError(
    'engine',
    `${name} was given ${values.length} values; expected ${expected} for the shape [${shape.join(', ')}]`,
  );
}

/** @throws UserError `engine` unless the mask has one value, 0 or 1, for each weight */
export function checkMask(weights: string, shape: readonly number[], mask: Float32Array): void {
  checkLength(`mask of ${weights}`, shape, mask);
  // Masks hold a million values and change often: a loop takes a fifth of the time that `find` does.
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0 || mask[i] === 1) continue;
    throw new UserError('engine', `the mask of ${weights} holds ${mask[i]}; expected 0 or 1`);
  }
}

/** Fraction of the images whose label is the index of their largest logit, the first of equal ones. `logits` is [batch, classes]. */
export function batchAccuracy(logits: Float32Array, labels: Uint8Array): number {
  const classes = logits.length / labels.length;
  const correct = labels.reduce((count, label, row) => {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    return count + Number(scores.indexOf(Math.max(...scores)) === label);
  }, 0);
  return correct / labels.length;
}
