import type { KernelMode } from './crossover.ts';
import { roundUp, type SharedMemory } from './memory.ts';
import type { Call, Task } from './program.ts';

/** Which weight multiplies which input: tap t of channel c reads offset taps[t] and has the index c * channelStep + tapIndex[t]. */
export interface CorrelationTaps {
  readonly channels: number;
  /** Byte offsets from the place of an output's tap 0. */
  readonly taps: readonly number[];
  readonly tapIndex: readonly number[];
  readonly channelStep: number;
}

/** Rows and columns of outputs, and the strides, in bytes, by which a kernel walks over them. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly xRow: number;
  readonly yRow: number;
  readonly yPlane: number;
}

/** Images over which a weight gradient is summed. */
export interface ImageRange {
  readonly images: number;
  readonly xImage: number;
  readonly dyImage: number;
}

export interface ChannelRange {
  readonly first: number;
  readonly end: number;
}

/** Where the layer's weights and their mask are, float32 in TensorFlow's order. */
export interface WeightPlaces {
  readonly weights: number;
  readonly mask: number;
}

const BLOCK = 3;

/**
 * The weights of one pass of a layer, packed for the kernels. In dense mode, channels go in blocks of three to the dense kernels and
 * what is left over to the sparse ones; in sparse mode all go to the sparse ones.
 */
export class Correlation {
  readonly channels: number;
  /** Which kernel computes outputs, and which the weight gradient. */
  mode: KernelMode = { denseOutputs: true, denseGradient: true };
  readonly #places: WeightPlaces;
  readonly #channelStep: number;
  readonly #tapCount: number;
  /** The dense weight gradient takes taps by threes; the last is repeated to fill up. */
  readonly #paddedTaps: number;
  readonly #taps: number;
  readonly #tapIndex: number;
  readonly #dense: number;
  readonly #pairs: number;
  readonly #pairsStride: number;
  readonly #indices: number;
  readonly #counts: number;

  constructor(memory: SharedMemory, places: WeightPlaces, taps: CorrelationTaps) {
    this.channels = taps.channels;
    this.#places = places;
    this.#channelStep = taps.channelStep;
    this.#tapCount = taps.taps.length;
    this.#paddedTaps = roundUp(this.#tapCount, BLOCK);
    this.#pairsStride = 8 * this.#paddedTaps;
    const padded = Array.from({ length: this.#paddedTaps }, (_, t) => taps.taps[t] ?? taps.taps.at(-1)!);
    this.#taps = memory.place(Uint32Array.from(padded));
    this.#tapIndex = memory.place(Uint32Array.from(taps.tapIndex));
    this.#dense = memory.allocate(4 * this.channels * this.#tapCount);
    this.#pairs = memory.allocate(this.channels * this.#pairsStride);
    this.#indices = memory.allocate((this.channels * this.#pairsStride) / 2);
    this.#counts = memory.allocate(4 * this.channels);
  }

  /** Bytes of one slice's weight gradient, in the kernels' order. */
  get gradientBytes(): number {
    return this.channels * this.#gradientStride;
  }

  /** Bytes of scratch that a weight gradient needs. */
  get scratchBytes(): number {
    return 16 * this.#paddedTaps;
  }

  /** To be called when the mask has changed. */
  listCalls({ first, end }: ChannelRange): Call[] {
    const { mask } = this.#places;
    return [
      [
        'listSurvivors',
        mask,
        this.#taps,
        this.#tapIndex,
        this.#tapCount,
        this.#channelStep,
        this.#pairs,
        this.#pairsStride,
        this.#indices,
        this.#counts,
        first,
        end - first,
      ],
    ];
  }

  /** To be called when the weights have changed. */
  packCalls(range: ChannelRange): Call[] {
    const { weights, mask } = this.#places;
    const [dense, sparse] = this.#split(range, this.mode.denseOutputs);
    return [
      ...onSome(dense, [
        'packDense',
        weights,
        mask,
        this.#dense,
        this.#tapIndex,
        this.#tapCount,
        this.#channelStep,
        dense.first / BLOCK,
        (dense.end - dense.first) / BLOCK,
      ]),
      ...onSome(sparse, [
        'packSparse',
        weights,
        this.#pairs,
        this.#pairsStride,
        this.#indices,
        this.#counts,
        sparse.first,
        sparse.end - sparse.first,
      ]),
    ];
  }

  /**
   * y = max(floor, bias + the correlation of x) for a range of channels.
   *
   * @param y offset of channel 0
   * @param bias offset of channel 0's bias
   */
  correlateCalls(
    x: number,
    y: number,
    grid: Grid,
    bias: number,
    floor: number,
    range: ChannelRange = this.#all,
  ): Call[] {
    const { rows, columns, xRow, yRow, yPlane } = grid;
    const [dense, sparse] = this.#split(range, this.mode.denseOutputs);
    return [
      ...onSome(dense, [
        'convDense',
        x,
        y + dense.first * yPlane,
        rows,
        columns,
        xRow,
        yRow,
        yPlane,
        this.#taps,
        this.#tapCount,
        this.#dense + 4 * dense.first * this.#tapCount,
        (dense.end - dense.first) / BLOCK,
        bias + 4 * dense.first,
        floor,
      ]),
      ...onSome(sparse, [
        'convSparse',
        x,
        y + sparse.first * yPlane,
        rows,
        columns,
        xRow,
        yRow,
        yPlane,
        this.#pairs + sparse.first * this.#pairsStride,
        this.#pairsStride,
        this.#counts + 4 * sparse.first,
        sparse.end - sparse.first,
        bias + 4 * sparse.first,
        floor,
      ]),
    ];
  }

  /**
   * Sums the gradient of the packed weights over images, for a range of channels.
   *
   * @param dy offset of channel 0 of the outputs' gradient, laid out as `grid` says for y
   * @param gradient offset of the slice's gradient
   * @param accumulate whether to add to what is there
   */
  gradientCalls(
    x: number,
    dy: number,
    grid: Grid,
    { images, xImage, dyImage }: ImageRange,
    gradient: number,
    scratch: number,
    accumulate: boolean,
    range: ChannelRange = this.#all,
  ): Call[] {
    const { rows, columns, xRow, yRow, yPlane } = grid;
    const [dense, sparse] = this.#split(range, this.mode.denseGradient);
    return [
      ...onSome(dense, [
        'weightGradientDense',
        x,
        dy + dense.first * yPlane,
        images,
        xImage,
        dyImage,
        rows,
        columns,
        xRow,
        yRow,
        yPlane,
        this.#taps,
        this.#paddedTaps,
        (dense.end - dense.first) / BLOCK,
        gradient + dense.first * this.#gradientStride,
        Number(accumulate),
      ]),
      ...onSome(sparse, [
        'weightGradientSparse',
        x,
        dy + sparse.first * yPlane,
        images,
        xImage,
        dyImage,
        rows,
        columns,
        xRow,
        yRow,
        yPlane,
        this.#pairs + sparse.first * this.#pairsStride,
        this.#pairsStride,
        this.#counts + 4 * sparse.first,
        sparse.end - sparse.first,
        scratch,
        gradient + sparse.first * this.#gradientStride,
        Number(accumulate),
      ]),
    ];
  }

  /** Sums slices' gradients in their order into `target`, the gradient in TensorFlow's order, zero where the mask is. */
  gatherCalls(slices: number, sliceCount: number, target: number, range: ChannelRange): Call[] {
    const [dense, sparse] = this.#split(range, this.mode.denseGradient);
    return [
      ...onSome(dense, [
        'gatherDense',
        slices,
        this.gradientBytes,
        sliceCount,
        this.#places.mask,
        target,
        this.#tapIndex,
        this.#tapCount,
        this.#paddedTaps,
        this.#channelStep,
        dense.first / BLOCK,
        (dense.end - dense.first) / BLOCK,
      ]),
      ...onSome(sparse, [
        'gatherSparse',
        slices,
        this.gradientBytes,
        sliceCount,
        target,
        this.#pairsStride,
        this.#indices,
        this.#counts,
        sparse.first,
        sparse.end - sparse.first,
      ]),
    ];
  }

  /** Tasks that share the channels between threads. */
  tasks(makeCalls: (range: ChannelRange, part: number) => Call[], parts = 16): Task[] {
    const size = roundUp(Math.ceil(this.channels / parts), BLOCK);
    return Array.from({ length: Math.ceil(this.channels / size) }, (_, part) =>
      makeCalls({ first: part * size, end: Math.min(this.channels, (part + 1) * size) }, part),
    );
  }

  get #gradientStride(): number {
    return this.#pairsStride / 2;
  }

  get #all(): ChannelRange {
    return { first: 0, end: this.channels };
  }

  #split({ first, end }: ChannelRange, dense: boolean): [dense: ChannelRange, sparse: ChannelRange] {
    const denseEnd = dense ? BLOCK * Math.floor(this.channels / BLOCK) : 0;
    const boundary = Math.min(end, Math.max(first, denseEnd));
    return [
      { first, end: boundary },
      { first: boundary, end },
    ];
  }
}

function onSome({ first, end }: ChannelRange, call: Call): Call[] {
  return end > first ? [call] : [];
}
