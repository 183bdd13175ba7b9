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
  return spansWithin(spans, grid, count).map(({ firstRow, endRow, firstTap, endTap }) => [
    'convDense',
    x + firstRow * xRow,
    y + first * yPlane + firstRow * yRow,
    endRow - firstRow,
    columns,
    xRow,
    yRow,
    yPlane,
    offsets + 4 * firstTap,
    endTap - firstTap,
    values + 4 * (first * count + BLOCK * firstTap),
    4 * BLOCK * count,
    (end - first) / BLOCK,
    bias + 4 * first,
    floor,
  ]);
}

/** Weights packed for the dense kernels: pruned ones are zeros. Ranges of channels are whole blocks. */
export class DenseWeights {
  readonly #taps: PlacedTaps;
  readonly #places: WeightPlaces;
  readonly #values: number;
  /** Where a weight gradient has to look, whole rows; undefined where all taps read all rows. */
  readonly #gradientSpans: readonly RowSpan[] | undefined;

  constructor(memory: SharedMemory, places: WeightPlaces, taps: PlacedTaps) {
    this.#taps = taps;
    this.#places = places;
    this.#values = memory.allocate(4 * taps.channels * taps.count);
    this.#gradientSpans = taps.spans && tapSpans(taps.spans, taps.count, BLOCK);
  }

  pack({ first, end }: ChannelRange): Call {
    const { weights, mask } = this.#places;
    const { index, count, channelStep } = this.#taps;
    const blocks = (end - first) / BLOCK;
    return ['packDense', weights, mask, this.#values, index, count, channelStep, first / BLOCK, blocks];
  }

  correlate(x: number, y: number, grid: Grid, bias: number, floor: number, range: ChannelRange): Call[] {
    return correlateBlocks({ ...this.#taps, values: this.#values }, x, y, grid, bias, floor, range);
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
    return (this.#gradientSpans ?? [everyTap]).map(({ firstRow, endRow, firstTap, endTap }) => [
      'weightGradientDense',
      x + firstRow * xRow,
      dy + first * yPlane + firstRow * yRow,
      range.images,
      range.xImage,
      range.dyImage,
      endRow - firstRow,
      columns,
      xRow,
      yRow,
      yPlane,
      offsets + 4 * firstTap,
      endTap - firstTap,
      (end - first) / BLOCK,
      target + 4 * (first * padded + BLOCK * firstTap),
      4 * BLOCK * padded,
      Number(range.accumulate),
    ]);
  }

  gather(slices: SliceGradients, target: number, { first, end }: ChannelRange): Call {
    const { index, count, padded, channelStep } = this.#taps;
    return [
      'gatherDense',
      slices.offset,
      slices.step,
      slices.count,
      this.#places.mask,
      target,
      index,
      count,
      padded,
      channelStep,
      first / BLOCK,
      (end - first) / BLOCK,
    ];
  }
}
