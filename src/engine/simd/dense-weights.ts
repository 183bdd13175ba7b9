import type { SharedMemory } from './memory.ts';
import type { Call } from './program.ts';
import { type RowSpan, spansWithin, tapSpans } from './row-spans.ts';
import type { ChannelRange, Grid, ImageRange, PlacedTaps, SliceGradients, WeightPlaces } from './taps.ts';

/** Weights in the dense kernels' format: [channels / block][taps][block]. */
export interface WeightBlocks {
  /** Number of channels that the kernel computes together, `KernelSet.denseChannels`. */
  readonly block: number;
  readonly values: number;
  readonly offsets: number;
  /** Number of taps. */
  readonly count: number;
  readonly spans: readonly RowSpan[] | undefined;
}

/** y = max(floor, bias + the correlation of x) for whole blocks of channels. `y` and `bias` are always addresses of channel 0. */
export function correlateBlocks(
  { block, values, offsets, count, spans }: WeightBlocks,
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
    weights: values + 4 * (first * count + block * firstTap),
    weightsStride: 4 * block * count,
    blocks: (end - first) / block,
    bias: bias + 4 * first,
    floor,
  }));
}

/** Weights packed for the dense kernels; pruned weights are zeros. All ranges of channels must be whole blocks. */
export class DenseWeights {
  readonly #taps: PlacedTaps;
  readonly #places: WeightPlaces;
  readonly #blocks: WeightBlocks;
  /** The output rows that each group of taps reads, for the weight gradient; undefined if all taps read all rows. */
  readonly #gradientSpans: readonly RowSpan[] | undefined;

  constructor(memory: SharedMemory, places: WeightPlaces, taps: PlacedTaps) {
    this.#taps = taps;
    this.#places = places;
    const { offsets, count, spans } = taps;
    const { denseChannels: block, denseTaps } = memory.kernels;
    const values = memory.allocate(4 * taps.channels * count);
    this.#blocks = { block, values, offsets, count, spans };
    this.#gradientSpans = spans && tapSpans(spans, count, denseTaps);
  }

  pack({ first, end }: ChannelRange): Call {
    const { weights, mask } = this.#places;
    const { index, count, channelStep } = this.#taps;
    const { block, values } = this.#blocks;
    return {
      kernel: 'packDense',
      weights,
      mask,
      target: values,
      tapIndex: index,
      tapCount: count,
      channelStep,
      firstBlock: first / block,
      blocks: (end - first) / block,
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
    const { block } = this.#blocks;
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
      blocks: (end - first) / block,
      gradient: target + 4 * (first * padded + block * firstTap),
      gradientStride: 4 * block * padded,
      accumulate: Number(range.accumulate),
    }));
  }

  gather(slices: SliceGradients, target: number, { first, end }: ChannelRange): Call {
    const { index, count, padded, channelStep } = this.#taps;
    const { block } = this.#blocks;
    return {
      kernel: 'gatherDense',
      slices: slices.offset,
      slice: slices.stride,
      sliceCount: slices.count,
      mask: this.#places.mask,
      gradient: target,
      tapIndex: index,
      tapCount: count,
      paddedTaps: padded,
      channelStep,
      firstBlock: first / block,
      blocks: (end - first) / block,
    };
  }
}
