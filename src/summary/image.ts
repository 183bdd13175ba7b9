import { create } from '@bufbuild/protobuf';
import { encode } from 'fast-png';
import { UserError } from '../errors.ts';
import { type Summary_Image, Summary_ImageSchema } from '../wire/protos.ts';

/** One picture: rows from the top, pixels from the left, channels innermost. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  /** Grey, RGB or RGBA. */
  readonly channels: 1 | 3 | 4;
  /** height * width * channels values: bytes shown as they are, or floats of any range. */
  readonly pixels: Uint8Array | Uint8ClampedArray | Float32Array;
}

/**
 * The picture as a PNG.
 *
 * @param tag the image's name in the error
 * @throws UserError `argument` if the number of values does not match the size
 */
export function imageProto(tag: string, picture: Picture): Summary_Image {
  const { height, width, channels, pixels } = picture;
  const expected = height * width * channels;
  if (pixels.length !== expected || expected === 0)
    throw new UserError(
      'argument',
      `image ${tag}: ${pixels.length} values given for ${height}x${width} pixels of ${channels} channels, expected ${expected || 'at least one pixel'}`,
    );
  const data = pixels instanceof Float32Array ? floatsToBytes(pixels, channels) : pixels;
  return create(Summary_ImageSchema, {
    height,
    width,
    colorspace: channels,
    encodedImageString: encode({ width, height, channels, depth: 8, data }),
  });
}

const RED = [255, 0, 0, 255] as const;
/** A picture whose largest magnitude is below this is shown as if it were all 0. */
const ZERO_THRESHOLD = 1e-6;

/**
 * Scales floats to bytes like TensorFlow's image summaries, in float32. Without negative values the largest value becomes
 * 255; otherwise 0 becomes 128 and the largest magnitude is 127 away from it. A pixel with a NaN or infinite channel becomes
 * red and does not affect the scale.
 */
export function floatsToBytes(values: Float32Array, channels: number): Uint8Array {
  const pixelCount = values.length / channels;
  const pixelAt = (pixel: number) => values.subarray(pixel * channels, (pixel + 1) * channels);
  const isShown = (pixel: number) => pixelAt(pixel).every(Number.isFinite);

  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let pixel = 0; pixel < pixelCount; pixel++) {
    if (!isShown(pixel)) continue;
    min = Math.min(min, ...pixelAt(pixel));
    max = Math.max(max, ...pixelAt(pixel));
  }
  const [range, offset, extreme] = min < 0 ? [127, 128, Math.max(-min, max)] : [255, 0, max];
  const scale = extreme < ZERO_THRESHOLD ? 0 : Math.fround(range / extreme);

  const bytes = new Uint8Array(values.length);
  for (let pixel = 0; pixel < pixelCount; pixel++) {
    const shown = pixelAt(pixel).map((value) => Math.fround(value * scale) + offset);
    bytes.set(isShown(pixel) ? shown : RED.slice(0, channels), pixel * channels);
  }
  return bytes;
}
