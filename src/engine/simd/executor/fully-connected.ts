import { BLOCK } from '../dense-weights.ts';
import { BLOCK_IMAGES } from '../feature-blocks.ts';
import type { Call } from '../program.ts';
import type { Taps } from '../taps.ts';
import type { PackedWeights } from './packed-weights.ts';
import { type Segment, share, type Work } from './segment.ts';

/*
 * A fully connected layer takes images side by side as the columns of two rows, feature after feature. Few images are taken one by one
 * instead: their features need not be brought together first.
 */

/** Bytes from one feature of a block to the next: a power of two, so that lists of inputs serve images on their own, too. */
const FEATURE_SHIFT = 7;
const COLUMNS = BLOCK_IMAGES / 2;
/** Up to how many images are taken one by one. */
const LONE_IMAGES = 2;
/** What fills one vector; the kernel for single images stores no less. */
const LONE_FEATURE_SHIFT = 4;
/** Up to how many images of a block the kernel for few columns takes. */
const NARROW_IMAGES = 4;

/** How a batch is divided into blocks. */
export interface Blocking {
  readonly images: number;
  readonly blocks: number;
  /** Whether each image is a block by itself. */
  readonly lone: boolean;
  /** Bytes from one feature to the next. */
  readonly feature: number;
}

export function blockingOf(images: number): Blocking {
  const lone = images <= LONE_IMAGES;
  return {
    images,
    lone,
    blocks: lone ? images : Math.ceil(images / BLOCK_IMAGES),
    feature: 1 << (lone ? LONE_FEATURE_SHIFT : FEATURE_SHIFT),
  };
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
export function featureTaps(positions: readonly number[], outputs: number, transposed: boolean): Taps {
  const order = [...positions.keys()].sort((a, b) => positions[a]! - positions[b]!);
  return {
    channels: outputs,
    taps: order.map((feature) => positions[feature]! << FEATURE_SHIFT),
    tapIndex: order.map((feature) => (transposed ? feature : feature * outputs)),
    channelStep: transposed ? positions.length : 1,
  };
}

/** The shift of a lone image's features: those of an earlier layer, or values as they lie in an image. */
export function loneShift(afterLayer: boolean): number {
  return afterLayer ? FEATURE_SHIFT - LONE_FEATURE_SHIFT : FEATURE_SHIFT - 2;
}

/** Brings the values of a block's images together. @param rows offset of the first image's, `step` bytes from one to the next */
export function gatherWork(
  rows: number,
  step: number,
  count: number,
  { images, feature }: Blocking,
  x: BlockBuffer,
): Work {
  return {
    parts: 1,
    calls: (block) => {
      const first = block * BLOCK_IMAGES;
      const filled = Math.min(BLOCK_IMAGES, images - first);
      return [
        {
          kernel: 'transpose',
          source: rows + first * step,
          target: x.offset + block * x.step,
          rows: filled,
          columns: count,
          sourceRow: step,
          targetRow: feature,
        },
      ];
    },
  };
}

/** Copies the features of a block's images to rows. */
export function scatterWork(
  y: BlockBuffer,
  { images, lone, feature }: Blocking,
  features: number,
  rows: number,
): Work {
  const row = 4 * features;
  return {
    parts: 1,
    calls: (block) => {
      const first = lone ? block : block * BLOCK_IMAGES;
      const filled = lone ? 1 : Math.min(BLOCK_IMAGES, images - first);
      return [
        {
          kernel: 'copyStrided',
          source: y.offset + block * y.step,
          target: rows + first * row,
          planes: 1,
          rows: filled,
          columns: features,
          sourcePlane: 0,
          sourceRow: 4,
          sourceColumn: feature,
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
  { images, lone, feature }: Blocking,
  bias: number,
  floor: number,
  segment: Segment,
): Work {
  const { channels } = weights;
  const parts = Math.min(segment.parts, Math.ceil(channels / BLOCK));
  return {
    parts,
    calls: (block, part): Call[] => {
      const range = share(channels, parts, part, BLOCK);
      const filled = lone ? 1 : Math.min(BLOCK_IMAGES, images - block * BLOCK_IMAGES);
      const [from, to] = [x.offset + block * x.step, y.offset + block * y.step];
      if (filled <= NARROW_IMAGES) {
        const few = { columns: filled, yPlane: feature, shift: x.shift };
        return weights.narrow(from, to, few, bias, floor, range);
      }
      const [rows, columns] = filled > COLUMNS ? [2, COLUMNS] : [1, filled];
      const grid = { rows, columns, xRow: 4 * COLUMNS, yRow: 4 * COLUMNS, yPlane: feature };
      return weights.correlate(from, to, grid, bias, floor, range);
    },
  };
}
