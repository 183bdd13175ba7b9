import { blockImages, type FeatureTile, type KernelSet } from '../kernels/kernel-set.ts';
import type { Call } from '../program.ts';
import type { Taps } from '../taps.ts';
import type { PackedWeights } from './packed-weights.ts';
import { type Segment, share, type Work } from './segment.ts';

/** How a batch is divided into blocks. */
export interface Blocking {
  readonly images: number;
  readonly blocks: number;
  /** Whether each image is a block by itself. */
  readonly lone: boolean;
  /** Images of a full block. */
  readonly blockImages: number;
  /** Columns of a block's rows. */
  readonly columns: number;
  /** Up to how many images of a block the kernel for few columns takes. */
  readonly narrow: number;
  /** Bytes from one feature to the next. */
  readonly feature: number;
}

export function blockingOf(kernels: KernelSet, images: number): Blocking {
  const { columns, loneImages, loneShift, shift } = kernels.features;
  const lone = images <= loneImages;
  const full = lone ? 1 : blockImages(kernels);
  return {
    images,
    lone,
    blockImages: full,
    columns,
    narrow: kernels.lanes,
    blocks: Math.ceil(images / full),
    feature: 1 << (lone ? loneShift : shift),
  };
}

/** Images of a block: those of a full one, or what is left for the last. */
function imagesOf({ images, blockImages }: Blocking, block: number): number {
  return Math.min(blockImages, images - block * blockImages);
}

/** The features of a batch, block after block. */
export interface BlockBuffer {
  readonly offset: number;
  /** Bytes from one block to the next; 0 where they are computed one after the other in the same place. */
  readonly step: number;
  /** Each feature's offset is its number shifted by so many bits. */
  readonly shift: number;
}

/** The offsets by which packed weights know features, and by how much they are divided for images on their own. */
export function featureTaps(
  { shift }: FeatureTile,
  positions: readonly number[],
  outputs: number,
  transposed: boolean,
): Taps {
  const order = [...positions.keys()].sort((a, b) => positions[a]! - positions[b]!);
  return {
    channels: outputs,
    taps: order.map((feature) => positions[feature]! << shift),
    tapIndex: order.map((feature) => (transposed ? feature : feature * outputs)),
    channelStep: transposed ? positions.length : 1,
  };
}

/** The shift of a lone image's features: those of an earlier layer, or values as they lie in an image. */
export function loneShift({ shift, loneShift }: FeatureTile, afterLayer: boolean): number {
  return afterLayer ? shift - loneShift : shift - 2;
}

/** Brings the values of a block's images together. @param rows offset of the first image's, `step` bytes from one to the next */
export function gatherWork(
  rows: number,
  step: number,
  count: number,
  blocking: Blocking,
  x: BlockBuffer,
): Work {
  return {
    parts: 1,
    calls: (block) => {
      const first = block * blocking.blockImages;
      return [
        {
          kernel: 'transpose',
          source: rows + first * step,
          target: x.offset + block * x.step,
          rows: imagesOf(blocking, block),
          columns: count,
          sourceRow: step,
          targetRow: blocking.feature,
        },
      ];
    },
  };
}

/** Copies the features of a block's images to rows. */
export function scatterWork(y: BlockBuffer, blocking: Blocking, features: number, rows: number): Work {
  const row = 4 * features;
  return {
    parts: 1,
    calls: (block) => {
      const first = block * blocking.blockImages;
      return [
        {
          kernel: 'copyStrided',
          source: y.offset + block * y.step,
          target: rows + first * row,
          planes: 1,
          rows: imagesOf(blocking, block),
          columns: features,
          sourcePlane: 0,
          sourceRow: 4,
          sourceColumn: blocking.feature,
          targetPlane: 0,
          targetRow: row,
          targetColumn: 4,
        },
      ];
    },
  };
}

/**
 * @param weights packed with `featureTaps` and the shift of x
 * @param bias offset of the biases, `floor` of the lowest output
 */
export function fullyConnectedWork(
  weights: PackedWeights,
  x: BlockBuffer,
  y: BlockBuffer,
  blocking: Blocking,
  bias: number,
  floor: number,
  segment: Segment,
): Work {
  const { channels, block: unit } = weights;
  const { columns: most, narrow, feature } = blocking;
  const parts = Math.min(segment.parts, Math.ceil(channels / unit));
  return {
    parts,
    calls: (block, part): Call[] => {
      const range = share(channels, parts, part, unit);
      const filled = imagesOf(blocking, block);
      const [from, to] = [x.offset + block * x.step, y.offset + block * y.step];
      if (filled <= narrow) {
        const few = { columns: filled, yPlane: feature, shift: x.shift };
        return weights.narrow(from, to, few, bias, floor, range);
      }
      const [rows, columns] = filled > most ? [Math.ceil(filled / most), most] : [1, filled];
      const grid = { rows, columns, xRow: 4 * most, yRow: 4 * most, yPlane: feature };
      return weights.correlate(from, to, grid, bias, floor, range);
    },
  };
}
