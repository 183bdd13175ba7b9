import { blockImages, type FeatureTile, type KernelSet } from '../kernels/kernel-set.ts';
import { roundUp } from '../memory.ts';
import type { Taps } from '../taps.ts';

/** How a batch is divided into blocks, whose images lie side by side as columns of rows, feature after feature. */
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

/** For the weights of a frozen graph. */
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

/** For weights that are trained: without anything between features, and with one kind of kernel for any number of images. */
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

/** Images of a block: those of a full one, or what is left for the last. */
export function imagesOf({ images, blockImages }: Blocking, block: number): number {
  return Math.min(blockImages, images - block * blockImages);
}

/** The rows and columns of a block that hold images. */
export function filledOf(blocking: Blocking, block: number): { rows: number; columns: number } {
  const images = imagesOf(blocking, block);
  const { columns } = blocking;
  return images > columns ? { rows: Math.ceil(images / columns), columns } : { rows: 1, columns: images };
}

/** Neighbouring blocks that are filled alike: the first and their number. */
export function runsOf(blocking: Blocking): { block: number; count: number }[] {
  const full = Math.floor(blocking.images / blocking.blockImages);
  const runs = [
    { block: 0, count: full },
    { block: full, count: blocking.blocks - full },
  ];
  return runs.filter(({ count }) => count > 0);
}

/** Columns of a block that kernels compute: whole vectors. */
export function computedColumns(kernels: KernelSet, blocking: Blocking, block: number): number {
  const { rows, columns } = filledOf(blocking, block);
  return rows * roundUp(columns, kernels.lanes);
}

/** The features of a batch, block after block. */
export interface BlockBuffer {
  readonly offset: number;
  /** Bytes from one block to the next; 0 where they are computed one after the other in the same place. */
  readonly step: number;
  /** By how many bits the offsets of taps are shifted. */
  readonly shift: number;
}

/**
 * The offsets by which packed weights know features.
 *
 * @param pitch bytes from one feature to the next
 * @param positions of the features that the weights are for
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

/** The shift of a lone image's features: those of an earlier layer, or values as they lie in an image. */
export function loneShift({ shift, loneShift }: FeatureTile, afterLayer: boolean): number {
  return afterLayer ? shift - loneShift : shift - 2;
}
