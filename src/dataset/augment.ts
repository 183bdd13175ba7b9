import { UserError } from '../errors.ts';
import type { RandomStream } from '../random.ts';
import { type ImageShape, planeBytes, type RecordFormat } from './record-format.ts';

/** The format of stored pictures, and the shape of the crop that a network reads. */
export interface Cropping {
  readonly stored: RecordFormat;
  readonly input: ImageShape;
}

/** The range of random changes to training pictures. */
export interface AugmentationRanges {
  /** Whether pictures may be mirrored left to right. */
  readonly flip: boolean;
  /** The largest magnitude of the number that is added to all values, in grey levels of 0 to 255. */
  readonly brightness: number;
  /** The smallest and the largest factor for a value's distance from its channel's mean. */
  readonly contrast: readonly [least: number, largest: number];
}

/** The random changes to one training image. */
export interface Augmentation {
  /** The crop's first row and column, in pixels: from 0 to 8 for 24x24 of 32x32. */
  readonly top: number;
  readonly left: number;
  /** Whether the image is mirrored left to right. */
  readonly flip: boolean;
  /** Added to all values; uniform in [-brightness, brightness) of the ranges. */
  readonly brightness: number;
  /** Multiplies each value's distance from its channel's mean; uniform in the range of contrasts. */
  readonly contrast: number;
}

/** Number of float32 values in a network input. */
export const imageValues = ([height, width, channels]: ImageShape) => height * width * channels;

/** @throws UserError `dataset` if the network's input cannot be cropped from the pictures */
export function refuseMisfit({ stored, input }: Cropping): void {
  const [height, width, channels] = input;
  if (height <= stored.height && width <= stored.width && channels === stored.channels) return;
  throw new UserError(
    'dataset',
    `the network takes images of ${input.join(' x ')} values, but the pictures have ${stored.height} x ${stored.width} x ${stored.channels}`,
    'Choose a dataset whose pictures are at least as large and have as many channels.',
  );
}

/** Draws the changes to a training image. Always draws the same count of numbers, so that ranges do not affect later draws. */
export function drawAugmentation(
  stream: RandomStream,
  { stored, input }: Cropping,
  { flip, brightness, contrast }: AugmentationRanges,
): Augmentation {
  return {
    top: stream.integer(stored.height - input[0] + 1),
    left: stream.integer(stored.width - input[1] + 1),
    flip: stream.integer(2) === 1 && flip,
    brightness: stream.uniform(-brightness, brightness),
    contrast: stream.uniform(...contrast),
  };
}

/**
 * Makes a training image as TensorFlow's CIFAR-10 input does: crop, flip, brightness, contrast, standardization, in this order and
 * without clipping in between.
 *
 * @param planes bytes, as {@link Records.planes} returns them
 * @param into receives the values, [height, width, channels]
 */
export function augment(
  planes: Uint8Array,
  cropping: Cropping,
  augmentation: Augmentation,
  into: Float32Array,
): void {
  const { input } = cropping;
  crop(planes, cropping, augmentation.top, augmentation.left, into);
  if (augmentation.flip) flipLeftRight(into, input);
  adjustBrightness(into, augmentation.brightness);
  adjustContrast(into, augmentation.contrast, input);
  standardize(into);
}

/** Makes an evaluation image: the central crop, standardized. For the parameters see {@link augment}. */
export function centralImage(planes: Uint8Array, cropping: Cropping, into: Float32Array): void {
  const { stored, input } = cropping;
  const [top, left] = [stored.height - input[0], stored.width - input[1]].map((rest) => Math.floor(rest / 2));
  crop(planes, cropping, top!, left!, into);
  standardize(into);
}

/** Copies the crop that starts at row `top`, column `left`, from byte planes to floats, [height, width, channels]. */
export function crop(
  planes: Uint8Array,
  { stored, input: [height, width] }: Cropping,
  top: number,
  left: number,
  into: Float32Array,
): void {
  const plane = planeBytes(stored);
  let at = 0;
  for (let row = 0; row < height; row++) {
    let pixel = (top + row) * stored.width + left;
    for (const end = pixel + width; pixel < end; pixel++) {
      for (let value = pixel; value < planes.length; value += plane) into[at++] = planes[value]!;
    }
  }
}

/** Mirrors an image of this shape left to right, in place. */
export function flipLeftRight(image: Float32Array, [, width, channels]: ImageShape): void {
  const row = width * channels;
  for (let start = 0; start < image.length; start += row) {
    // Reversing a row reverses its pixels and the channels in them; reversing each pixel then restores the order of channels.
    image.subarray(start, start + row).reverse();
    for (let at = start; at < start + row; at += channels) image.subarray(at, at + channels).reverse();
  }
}

/** Adds `delta` to every value in place, as tf.image.adjust_brightness does to floats. */
export function adjustBrightness(image: Float32Array, delta: number): void {
  for (let i = 0; i < image.length; i++) image[i] = image[i]! + delta;
}

/** (x - mean) * factor + mean with the mean of x's own channel, in place, as tf.image.adjust_contrast does. */
export function adjustContrast(image: Float32Array, factor: number, [, , channels]: ImageShape): void {
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    for (let i = channel; i < image.length; i += channels) sum += image[i]!;
    const mean = sum / (image.length / channels);
    for (let i = channel; i < image.length; i += channels) image[i] = (image[i]! - mean) * factor + mean;
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
