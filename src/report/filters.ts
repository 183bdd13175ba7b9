import { type Pixels, pngAddress } from './png.ts';
import type { FilterPictures } from './report-data.ts';

const FILTERS_A_ROW = 16;
const CHANNELS = 3;
const GAP = 1;

/**
 * Images of a convolution's filters and of their masks.
 *
 * @param kernel [height, width, 3, filters]
 * @param weights raw weights in the kernel's shape, row-major
 * @param mask 0 or 1, of the same shape
 */
export function filterPictures(
  kernel: readonly number[],
  weights: Float32Array,
  mask: Float32Array,
): FilterPictures {
  const masked = weights.map((weight, index) => weight * mask[index]!);
  // All filters have one scale, so that they can be compared.
  const reach = masked.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const shades = Uint8Array.from(masked, (value) => Math.round(128 + (127 * value) / reach));
  return {
    weights: pngAddress(tiled(kernel, shades)),
    masks: pngAddress(
      tiled(
        kernel,
        Uint8Array.from(mask, (value) => value * 255),
      ),
    ),
  };
}

/** All filters in rows, with transparent pixels between them. @param bytes in the kernel's shape */
function tiled([height = 0, width = 0, , count = 0]: readonly number[], bytes: Uint8Array): Pixels {
  const columns = Math.min(count, FILTERS_A_ROW);
  const rows = Math.ceil(count / columns);
  const picture = {
    width: columns * (width + GAP) - GAP,
    height: rows * (height + GAP) - GAP,
    channels: 4 as const,
  };
  const data = new Uint8Array(picture.width * picture.height * picture.channels);
  for (let filter = 0; filter < count; filter++) {
    const left = (filter % columns) * (width + GAP);
    const top = Math.floor(filter / columns) * (height + GAP);
    for (let tap = 0; tap < height * width; tap++) {
      const at = ((top + Math.floor(tap / width)) * picture.width + left + (tap % width)) * picture.channels;
      for (let channel = 0; channel < CHANNELS; channel++)
        data[at + channel] = bytes[(tap * CHANNELS + channel) * count + filter]!;
      data[at + CHANNELS] = 255;
    }
  }
  return { ...picture, data };
}
