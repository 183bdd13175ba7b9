import { blockImages, type FeatureTile, type KernelSet } from '../kernels/kernel-set.ts';
import { roundUp } from '../memory.ts';
import type { Taps } from '../taps.ts';

/** How a batch is divided into blocks. A block holds feature after feature, each as rows of `columns` values, one per image. */
export interface Blocking {
  readonly images: number;
  readonly blocks: number;
  /** Whether each image is a block of its own. */
  readonly lone: boolean;
  /** Number of images in a full block. */
  readonly blockImages: number;
  /** Number of columns in a row. */
  readonly columns: number;
  /** Blocks of at most this many images are computed by `Weights.narrow`. */
  readonly narrow: number;
  /** Bytes from one feature to the next. */
  readonly feature: number;
}

/** The blocking of a frozen graph. */
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

/** The blocking of a training graph: features are contiguous, and the same kernels compute any number of images. */
export function trainingBlocking(kernels: KernelSet, images: number): Blocking {
  const full = blockImages(kernels);
  return {
    images,
    lone: false,
    blockImages: full,
    columns: kernels.features.columns,
    narrow: 0,
    blocks: Math.ceil(images / full),
    feature: 4 * full,
  };
}

/** Number of images in a block; the last one may not be full. */
export function imagesOf({ images, blockImages }: Blocking, block: number): number {
  return Math.min(blockImages, images - block * blockImages);
}

/** The rows and columns of a block that hold images. */
export function filledOf(blocking: Blocking, block: number): { rows: number; columns: number } {
  const images = imagesOf(blocking, block);
  const { columns } = blocking;
  return images > columns ? { rows: Math.ceil(images / columns), columns } : { rows: 1, columns: images };
}

/** Runs of neighbouring blocks with the same number of images: the first block and the number of blocks. */
export function runsOf(blocking: Blocking): { block: number; count: number }[] {
  const full = Math.floor(blocking.images / blocking.blockImages);
  const runs = [
    { block: 0, count: full },
    { block: full, count: blocking.blocks - full },
  ];
  return runs.filter(({ count }) => count > 0);
}

/** Number of values of a feature that kernels compute in a block, in whole vectors. */
export function computedColumns(kernels: KernelSet, blocking: Blocking, block: number): number {
  const { rows, columns } = filledOf(blocking, block);
  return rows * roundUp(columns, kernels.lanes);
}

/** The features of a batch, block after block. */
export interface BlockBuffer {
  readonly offset: number;
  /** Bytes from one block to the next; 0 if all blocks are computed in the same place, one after another. */
  readonly stride: number;
  /** The number of bits by which the tap offsets are shifted right. */
  readonly shift: number;
}

/**
 * The taps of a fully connected layer, in the order of the positions of its features.
 *
 * @param pitch bytes from one position to the next
 * @param positions the position of each feature, in the weights' order
 * @param transposed whether the weights are [outputs, inputs]
 */
export function featureTaps(
  pitch: number,
  positions: readonly number[],
  outputs: number,
  transposed: boolean,
): Taps {
  const order = [...positions.keys()].sort((a, b) => positions[a]! - positions[b]!);
  return {
    channels: outputs,
    taps: order.map((feature) => positions[feature]! * pitch),
    tapIndex: order.map((feature) => (transposed ? feature : feature * outputs)),
    channelStep: transposed ? positions.length : 1,
  };
}

/** The shift of a single image's tap offsets. Its features are a layer's, one vector apart, or row-major values, 4 bytes apart. */
export function loneShift({ shift, loneShift }: FeatureTile, afterLayer: boolean): number {
  return afterLayer ? shift - loneShift : shift - 2;
}
