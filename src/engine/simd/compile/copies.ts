import { imageBytes, type PaddedPlanes, padCalls, toImageCall, toPlanesCall } from '../planes.ts';
import { type BlockBuffer, type Blocking, imagesOf } from './feature-blocks.ts';
import { firstPixel, type ImageBuffer } from './image-buffer.ts';
import { type Segment, share, type Work } from './segment.ts';
import type { Places } from './workspace.ts';

/** The unit in which parts share the features to gather. A multiple of the lanes. */
const GATHERED = 60;

/** Copies row-major images, [height, width, channels], to planes, or planes to row-major images. */
export function copyWork(plain: number, images: ImageBuffer, direction: 'toPlanes' | 'toImages'): Work {
  const { layout } = images;
  const bytes = imageBytes(layout);
  return {
    parts: 1,
    calls: (item) => {
      const [image, planar] = [plain + item * bytes, firstPixel(images, item)];
      return [
        direction === 'toPlanes' ? toPlanesCall(image, layout, planar) : toImageCall(layout, planar, image),
      ];
    },
  };
}

/** Copies images into a convolution's padded layout if the producer could not write it. @param x address of the first image */
export function paddingWork(from: ImageBuffer, padded: PaddedPlanes, x: number, stride: number): Work {
  return {
    parts: 1,
    calls: (item) => padCalls(from.layout, firstPixel(from, item), padded, x + item * stride),
  };
}

/** Gathers the values of images into blocks. @param rows one row of `count` values per image */
export function gatherWork(
  rows: Places,
  count: number,
  blocking: Blocking,
  x: BlockBuffer,
  segment: Segment,
): Work {
  const parts = Math.min(segment.parts, Math.ceil(count / GATHERED));
  return {
    parts,
    calls: (block, part) => {
      const { first, end } = share(count, parts, part, GATHERED);
      return [
        {
          kernel: 'transpose',
          source: rows.offset + block * blocking.blockImages * rows.stride + 4 * first,
          target: x.offset + block * x.stride + first * blocking.feature,
          rows: imagesOf(blocking, block),
          columns: end - first,
          sourceRow: rows.stride,
          targetRow: blocking.feature,
        },
      ];
    },
  };
}
