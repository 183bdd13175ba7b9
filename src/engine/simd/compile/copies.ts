import { type PaddedPlanes, padCalls, toImageCall, toPlanesCall } from '../planes.ts';
import { type BlockBuffer, type Blocking, imagesOf } from './feature-blocks.ts';
import { firstPixel, type ImageBuffer } from './image-buffer.ts';
import { type Segment, share, type Work } from './segment.ts';
import type { Places } from './workspace.ts';

/** Features that are brought together in one go at least: enough for all lanes. */
const GATHERED = 60;

/** Copies images, [height, width, channels], to planes, or planes back to images. */
export function copyWork(plain: number, images: ImageBuffer, direction: 'toPlanes' | 'toImages'): Work {
  const { layout } = images;
  const imageBytes = 4 * layout.rows * layout.columns * layout.channels;
  return {
    parts: 1,
    calls: (item) => {
      const [image, planar] = [plain + item * imageBytes, firstPixel(images, item)];
      return [
        direction === 'toPlanes' ? toPlanesCall(image, layout, planar) : toImageCall(layout, planar, image),
      ];
    },
  };
}

/** Copies images into a convolution's padded layout when the producer could not write it. @param x offset of the first, `step` to the next */
export function paddingWork(from: ImageBuffer, padded: PaddedPlanes, x: number, step: number): Work {
  return {
    parts: 1,
    calls: (item) => padCalls(from.layout, firstPixel(from, item), padded, x + item * step),
  };
}

/** Brings the values of a block's images together. @param rows of so many values, one an image */
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
          source: rows.offset + block * blocking.blockImages * rows.step + 4 * first,
          target: x.offset + block * x.step + first * blocking.feature,
          rows: imagesOf(blocking, block),
          columns: end - first,
          sourceRow: rows.step,
          targetRow: blocking.feature,
        },
      ];
    },
  };
}
