import type { SharedMemory } from './memory.ts';
import type { Call } from './program.ts';
import { type RowSpan, spansWithin, tapSpans } from './row-spans.ts';
import type { ChannelRange, Grid, ImageRange, PlacedTaps, SliceGradients, WeightPlaces } from './taps.ts';

/** Channels that the dense kernels compute together. */
export const BLOCK = 3;

/** Weights as the dense kernels read them, three channels of a tap side by side: [channels / 3][taps][3]. */
export interface WeightBlocks {
  readonly values: number;
  readonly offsets: number;
  /** Of taps. */
  readonly count: number;
  readonly spans: readonly RowSpan[] | undefined;
}

/** max(floor, bias + the correlation of x) for whole blocks of channels. Offsets y and bias are those of channel 0. */
export function correlateBlocks(
  { values, offsets, count, spans }: WeightBlocks,
  x: number,
  y: number,
  grid: Grid,
  bias: number,
  floor: number,
  { first, end }: ChannelRange,
): Call[] {
  const { columns, xRow, yRow, yPlane } = grid;
  return spansWithin(spans, grid, count).map(({ firstRow, endRow, firstTap, endTap }) => ({
    kernel: 'convDense',
    x: x + firstRow * xRow,
    y: y + first * yPlane + firstRow * yRow,
    rows: endRow - firstRow,
    columns,
    xRow,
    yRow,
    yPlane,
    taps: offsets + 4 * firstTap,
    tapCount: endTap - firstTap,
    weights: values + 4 * (first * count + BLOCK * firstTap),
    weightsStride: 4 * BLOCK * count,
    blocks: (end - first) / BLOCK,
    bias: bias + 4 * first,
    floor,
  }));
}

/** Weights packed for the dense kernels: pruned ones are zeros. Ranges of channels are whole blocks. */
export class DenseWeights {
  readonly #taps: PlacedTaps;
  readonly #places: WeightPlaces;
  readonly #blocks: WeightBlocks;
  /** Where a weight gradient has to look, whole rows; undefined where all taps read all rows. */
  readonly #gradientSpans: readonly RowSpan[] | undefined;

  constructor(memory: SharedMemory, places: WeightPlaces, taps: PlacedTaps) {
    this.#taps = taps;
    this.#places = places;
    const { offsets, count, spans } = taps;
    this.#blocks = { values: memory.allocate(4 * taps.channels * count), offsets, count, spans };
    this.#gradientSpans = taps.spans && tapSpans(taps.spans, taps.count, BLOCK);
  }

  pack({ first, end }: ChannelRange): Call {
    const { weights, mask } = this.#places;
    const { index, count, channelStep } = this.#taps;
    return {
      kernel: 'packDense',
      weights,
      mask,
      target: this.#blocks.values,
      tapIndex: index,
      tapCount: count,
      channelStep,
      firstBlock: first / BLOCK,
      blocks: (end - first) / BLOCK,
    };
  }

  correlate(x: number, y: number, grid: Grid, bias: number, floor: number, range: ChannelRange): Call[] {
    return correlateBlocks(this.#blocks, x, y, grid, bias, floor, range);
  }

  gradient(
    x: number,
    dy: number,
    grid: Grid,
    range: ImageRange,
    target: number,
    { first, end }: ChannelRange,
  ): Call[] {
    const { rows, columns, xRow, yRow, yPlane } = grid;
    const { offsets, padded } = this.#taps;
    const everyTap = { firstRow: 0, endRow: rows, firstTap: 0, endTap: padded };
    return (this.#gradientSpans ?? [everyTap]).map(({ firstRow, endRow, firstTap, endTap }) => ({
      kernel: 'weightGradientDense',
      x: x + firstRow * xRow,
      dy: dy + first * yPlane + firstRow * yRow,
      images: range.images,
      xImage: range.xImage,
      dyImage: range.dyImage,
      rows: endRow - firstRow,
      columns,
      xRow,
      dyRow: yRow,
      dyPlane: yPlane,
      taps: offsets + 4 * firstTap,
      tapCount: endTap - firstTap,
      blocks: (end - first) / BLOCK,
      gradient: target + 4 * (first * padded + BLOCK * firstTap),
      gradientStride: 4 * BLOCK * padded,
      accumulate: Number(range.accumulate),
    }));
  }

  gather(slices: SliceGradients, target: number, { first, end }: ChannelRange): Call {
    const { index, count, padded, channelStep } = this.#taps;
    return {
      kernel: 'gatherDense',
      slices: slices.offset,
      slice: slices.step,
      sliceCount: slices.count,
      mask: this.#places.mask,
      gradient: target,
      tapIndex: index,
      tapCount: count,
      paddedTaps: padded,
      channelStep,
      firstBlock: first / BLOCK,
      blocks: (end - first) / BLOCK,
    };
  }
}
