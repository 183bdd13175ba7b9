import type { SharedMemory } from './memory.ts';
import type { Call } from './program.ts';
import type { ChannelRange, Grid, ImageRange, PlacedTaps, SliceGradients, WeightPlaces } from './taps.ts';

/** Channels that the dense kernels compute together. */
export const BLOCK = 3;

/** Weights packed for the dense kernels: pruned ones are zeros. Ranges of channels are whole blocks. */
export class DenseWeights {
  readonly #taps: PlacedTaps;
  readonly #places: WeightPlaces;
  readonly #values: number;

  constructor(memory: SharedMemory, places: WeightPlaces, taps: PlacedTaps) {
    this.#taps = taps;
    this.#places = places;
    this.#values = memory.allocate(4 * taps.channels * taps.count);
  }

  pack({ first, end }: ChannelRange): Call {
    const { weights, mask } = this.#places;
    const { index, count, channelStep } = this.#taps;
    const blocks = (end - first) / BLOCK;
    return ['packDense', weights, mask, this.#values, index, count, channelStep, first / BLOCK, blocks];
  }

  correlate(
    x: number,
    y: number,
    grid: Grid,
    bias: number,
    floor: number,
    { first, end }: ChannelRange,
  ): Call {
    const { rows, columns, xRow, yRow, yPlane } = grid;
    const { offsets, count } = this.#taps;
    return [
      'convDense',
      x,
      y + first * yPlane,
      rows,
      columns,
      xRow,
      yRow,
      yPlane,
      offsets,
      count,
      this.#values + 4 * first * count,
      (end - first) / BLOCK,
      bias + 4 * first,
      floor,
    ];
  }

  gradient(
    x: number,
    dy: number,
    grid: Grid,
    range: ImageRange,
    target: number,
    { first, end }: ChannelRange,
  ): Call {
    const { rows, columns, xRow, yRow, yPlane } = grid;
    const { offsets, padded } = this.#taps;
    return [
      'weightGradientDense',
      x,
      dy + first * yPlane,
      range.images,
      range.xImage,
      range.dyImage,
      rows,
      columns,
      xRow,
      yRow,
      yPlane,
      offsets,
      padded,
      (end - first) / BLOCK,
      target + 4 * first * padded,
      Number(range.accumulate),
    ];
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
