import type { RandomStream } from '../random.ts';
import { CHANNELS, IMAGE_SIZE, PLANE_BYTES } from './records.ts';

/** Height and width of the crop that the network sees. */
export const CROP_SIZE = 24;
/** Float32 values of one network input: CROP_SIZE x CROP_SIZE x 3. */
export const CROP_VALUES = CROP_SIZE * CROP_SIZE * CHANNELS;

const CENTRAL_OFFSET = (IMAGE_SIZE - CROP_SIZE) / 2;
const CROP_OFFSETS = IMAGE_SIZE - CROP_SIZE + 1;

/** What is drawn for one training image. */
export interface Augmentation {
  /** The crop's first row and column, 0 to 8. */
  readonly top: number;
  readonly left: number;
  /** Whether left and right are exchanged. */
  readonly flip: boolean;
  /** Added to every value, uniform in [-63, 63). */
  readonly brightness: number;
  /** Multiplies each value's distance from its channel's mean, uniform in [0.2, 1.8). */
  readonly contrast: number;
}

export function drawAugmentation(stream: RandomStream): Augmentation {
  return {
    top: stream.integer(CROP_OFFSETS),
    left: stream.integer(CROP_OFFSETS),
    flip: stream.integer(2) === 1,
    brightness: stream.uniform(-63, 63),
    contrast: stream.uniform(0.2, 1.8),
  };
}

/**
 * A training image as TensorFlow's CIFAR-10 input makes it: crop, flip, brightness, contrast, standardization, in this order and
 * without clipping in between.
 *
 * @param planes 3,072 bytes as {@link Records.planes} returns them
 * @param into where the CROP_VALUES results go, height x width x channel
 */
export function augment(planes: Uint8Array, augmentation: Augmentation, into: Float32Array): void {
  crop(planes, augmentation.top, augmentation.left, into);
  if (augmentation.flip) flipLeftRight(into);
  adjustBrightness(into, augmentation.brightness);
  adjustContrast(into, augmentation.contrast);
  standardize(into);
}

/** An evaluation image: the central crop, standardized. Parameters as {@link augment}'s. */
export function centralImage(planes: Uint8Array, into: Float32Array): void {
  crop(planes, CENTRAL_OFFSET, CENTRAL_OFFSET, into);
  standardize(into);
}

/** Copies the 24x24 window that starts at row `top`, column `left`, from byte planes to height x width x channel floats. */
export function crop(planes: Uint8Array, top: number, left: number, into: Float32Array): void {
  let at = 0;
  for (let row = 0; row < CROP_SIZE; row++) {
    let pixel = (top + row) * IMAGE_SIZE + left;
    for (const end = pixel + CROP_SIZE; pixel < end; pixel++) {
      for (let plane = pixel; plane < planes.length; plane += PLANE_BYTES) into[at++] = planes[plane]!;
    }
  }
}

/** Mirrors a crop in place. */
export function flipLeftRight(image: Float32Array): void {
  const row = CROP_SIZE * CHANNELS;
  for (let start = 0; start < image.length; start += row) {
    // Reversing a row mirrors its pixels and exchanges red and blue; reversing each pixel exchanges them back.
    image.subarray(start, start + row).reverse();
    for (let at = start; at < start + row; at += CHANNELS) image.subarray(at, at + CHANNELS).reverse();
  }
}

/** Adds `delta` to every value in place, as tf.image.adjust_brightness does to floats. */
export function adjustBrightness(image: Float32Array, delta: number): void {
  for (let i = 0; i < image.length; i++) image[i] = image[i]! + delta;
}

/** (x - mean) * factor + mean with the mean of x's own channel, in place, as tf.image.adjust_contrast does. */
export function adjustContrast(image: Float32Array, factor: number): void {
  for (let channel = 0; channel < CHANNELS; channel++) {
    let sum = 0;
    for (let i = channel; i < image.length; i += CHANNELS) sum += image[i]!;
    const mean = sum / (image.length / CHANNELS);
    for (let i = channel; i < image.length; i += CHANNELS) image[i] = (image[i]! - mean) * factor + mean;
  }
}

/**
 * (x - mean) / max(standard deviation, 1 / sqrt(number of values)) over all values of the image, in place, as
 * tf.image.per_image_standardization does. An image of one colour becomes 0.
 */
export function standardize(image: Float32Array): void {
  let sum = 0;
  for (const value of image) sum += value;
  const mean = sum / image.length;
  let squares = 0;
  for (const value of image) squares += (value - mean) ** 2;
  const deviation = Math.max(Math.sqrt(squares / image.length), 1 / Math.sqrt(image.length));
  for (let i = 0; i < image.length; i++) image[i] = (image[i]! - mean) / deviation;
}
