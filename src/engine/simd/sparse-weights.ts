import type { SharedMemory } from './memory.ts';
import type { Call } from './program.ts';
import type { ChannelRange, Grid, ImageRange, PlacedTaps, SliceGradients, WeightPlaces } from './taps.ts';

/** Weights in the sparse kernels' format: for each channel from `firstChannel` on, a list of pairs (byte offset of the input, weight). */
export interface WeightLists {
  readonly firstChannel: number;
  readonly pairs: number;
  /** Bytes from one channel's pairs to the next one's. */
  readonly stride: number;
  readonly counts: number;
}

/** y = max(floor, bias + the correlation of x). `y` and `bias` are always addresses of channel 0. */
export function correlateLists(
  { firstChannel, pairs, stride, counts }: WeightLists,
  x: number,
  y: number,
  { rows, columns, xRow, yRow, yPlane }: Grid,
  bias: number,
  floor: number,
  { first, end }: ChannelRange,
): Call {
  const list = first - firstChannel;
  return {
    kernel: 'convSparse',
    x,
    y: y + first * yPlane,
    rows,
    columns,
    xRow,
    yRow,
    yPlane,
    pairs: pairs + list * stride,
    pairsStride: stride,
    counts: counts + 4 * list,
    channels: end - first,
    bias: bias + 4 * first,
    floor,
  };
}

/** The surviving weights of each channel as a list of pairs (byte offset of the input, weight), for the sparse kernels. */
export class SparseWeights {
  readonly #taps: PlacedTaps;
  readonly #places: WeightPlaces;
  readonly #pairs: number;
  /** Bytes from one channel's pairs to the next one's. Its indices and its gradient take half as many each. */
  readonly #stride: number;
  readonly #indices: number;
  readonly #counts: number;

  constructor(memory: SharedMemory, places: WeightPlaces, taps: PlacedTaps) {
    this.#taps = taps;
    this.#places = places;
    this.#stride = 8 * taps.padded;
    this.#pairs = memory.allocate(taps.channels * this.#stride);
    this.#indices = memory.allocate((taps.channels * this.#stride) / 2);
    this.#counts = memory.allocate(4 * taps.channels);
  }

  list({ first, end }: ChannelRange): Call {
    const { offsets, index, count, channelStep } = this.#taps;
    return {
      kernel: 'listSurvivors',
      mask: this.#places.mask,
      taps: offsets,
      tapIndex: index,
      tapCount: count,
      channelStep,
      pairs: this.#pairs,
      pairsStride: this.#stride,
      indices: this.#indices,
      counts: this.#counts,
      firstChannel: first,
      channels: end - first,
    };
  }

  pack({ first, end }: ChannelRange): Call {
    return {
      kernel: 'packSparse',
      weights: this.#places.weights,
      pairs: this.#pairs,
      pairsStride: this.#stride,
      indices: this.#indices,
      counts: this.#counts,
      firstChannel: first,
      channels: end - first,
    };
  }

  correlate(x: number, y: number, grid: Grid, bias: number, floor: number, range: ChannelRange): Call {
    const lists = { firstChannel: 0, pairs: this.#pairs, stride: this.#stride, counts: this.#counts };
    return correlateLists(lists, x, y, grid, bias, floor, range);
  }

  /** @param scratch address of `KernelSet.scratch.weightGradientSparse` bytes for all taps */
  gradient(
    x: number,
    dy: number,
    grid: Grid,
    range: ImageRange,
    target: number,
    scratch: number,
    { first, end }: ChannelRange,
  ): Call {
    const { rows, columns, xRow, yRow, yPlane } = grid;
    return {
      kernel: 'weightGradientSparse',
      x,
      dy: dy + first * yPlane,
      images: range.images,
      xImage: range.xImage,
      dyImage: range.dyImage,
      rows,
      columns,
      xRow,
      dyRow: yRow,
      dyPlane: yPlane,
      pairs: this.#pairs + first * this.#stride,
      pairsStride: this.#stride,
      counts: this.#counts + 4 * first,
      channels: end - first,
      partials: scratch,
      gradient: target + (first * this.#stride) / 2,
      accumulate: Number(range.accumulate),
    };
  }

  gather(slices: SliceGradients, target: number, { first, end }: ChannelRange): Call {
    return {
      kernel: 'gatherSparse',
      slices: slices.offset,
      slice: slices.stride,
      sliceCount: slices.count,
      gradient: target,
      pairsStride: this.#stride,
      indices: this.#indices,
      counts: this.#counts,
      firstChannel: first,
      channels: end - first,
    };
  }
}
