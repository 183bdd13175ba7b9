import type { Weights } from './compile/weights.ts';
import { DenseWeights } from './dense-weights.ts';
import type { KernelMode, KernelSet } from './kernels/kernel-set.ts';
import { roundUp, type SharedMemory } from './memory.ts';
import type { Call, Task } from './program.ts';
import { SparseWeights } from './sparse-weights.ts';
import type {
  ChannelRange,
  Grid,
  ImageRange,
  PlacedTaps,
  SliceGradients,
  Taps,
  WeightPlaces,
} from './taps.ts';

/** Into how many tasks channels are shared out unless said. */
const PARTS = 16;

/**
 * One pass of a layer, from inputs to outputs or from the outputs' gradient to the inputs', as a correlation with packed weights. Where
 * dense kernels compute, channels go to them in whole blocks, and what is left over to the sparse ones; elsewhere all do.
 */
export class Correlation implements Weights {
  mode: KernelMode = { denseOutputs: true, denseGradient: true };
  readonly #kernels: KernelSet;
  readonly #taps: PlacedTaps;
  readonly #dense: DenseWeights;
  readonly #sparse: SparseWeights;

  constructor(
    memory: SharedMemory,
    places: WeightPlaces,
    { channels, taps, tapIndex, channelStep, spans }: Taps,
  ) {
    const count = taps.length;
    const padded = roundUp(count, memory.kernels.denseTaps);
    this.#kernels = memory.kernels;
    const offsets = Uint32Array.from({ length: padded }, (_, tap) => taps[Math.min(tap, count - 1)]!);
    this.#taps = {
      channels,
      channelStep,
      count,
      padded,
      offsets: memory.place(offsets),
      index: memory.place(Uint32Array.from(tapIndex)),
      spans,
    };
    this.#dense = new DenseWeights(memory, places, this.#taps);
    this.#sparse = new SparseWeights(memory, places, this.#taps);
  }

  get channels(): number {
    return this.#taps.channels;
  }

  get block(): number {
    return this.#kernels.denseChannels;
  }

  /** Bytes of one slice's weight gradient, in the kernels' order. */
  get gradientBytes(): number {
    return 4 * this.#taps.channels * this.#taps.padded;
  }

  /** Bytes of scratch that a weight gradient needs. */
  get scratchBytes(): number {
    return this.#kernels.scratch.weightGradientSparse(this.#taps.padded);
  }

  /** To be run when the mask has changed. */
  listCalls(range: ChannelRange): Call[] {
    return [this.#sparse.list(range)];
  }

  /** To be run when weights or lists have changed. */
  packCalls(range: ChannelRange): Call[] {
    return this.#split(
      range,
      this.mode.denseOutputs,
      (channels) => [this.#dense.pack(channels)],
      (channels) => this.#sparse.pack(channels),
    );
  }

  /**
   * y = max(floor, bias + the correlation of x).
   *
   * @param y offset of channel 0, as that of `bias`
   */
  correlate(
    x: number,
    y: number,
    grid: Grid,
    bias: number,
    floor: number,
    range: ChannelRange = this.#all,
  ): Call[] {
    return this.#split(
      range,
      this.mode.denseOutputs,
      (channels) => this.#dense.correlate(x, y, grid, bias, floor, channels),
      (channels) => this.#sparse.correlate(x, y, grid, bias, floor, channels),
    );
  }

  /**
   * Sums the gradient of the weights over images.
   *
   * @param dy offset of channel 0 of the outputs' gradient, laid out as `grid` says of y
   * @param target offset of the slice's gradient
   */
  gradientCalls(
    x: number,
    dy: number,
    grid: Grid,
    images: ImageRange,
    target: number,
    scratch: number,
    range: ChannelRange = this.#all,
  ): Call[] {
    return this.#split(
      range,
      this.mode.denseGradient,
      (channels) => this.#dense.gradient(x, dy, grid, images, target, channels),
      (channels) => this.#sparse.gradient(x, dy, grid, images, target, scratch, channels),
    );
  }

  /** Sums the slices' gradients in their order into `target`, the gradient in TensorFlow's order; it is zero where the mask is. */
  gatherCalls(offset: number, slices: number, target: number, range: ChannelRange): Call[] {
    const gradients: SliceGradients = { offset, count: slices, step: this.gradientBytes };
    return this.#split(
      range,
      this.mode.denseGradient,
      (channels) => [this.#dense.gather(gradients, target, channels)],
      (channels) => this.#sparse.gather(gradients, target, channels),
    );
  }

  /** Tasks that share the channels between threads. */
  tasks(makeCalls: (range: ChannelRange, part: number) => Call[], parts = PARTS): Task[] {
    const { channels } = this.#taps;
    const size = roundUp(Math.ceil(channels / parts), this.#kernels.denseChannels);
    return Array.from({ length: Math.ceil(channels / size) }, (_, part) =>
      makeCalls({ first: part * size, end: Math.min(channels, (part + 1) * size) }, part),
    );
  }

  get #all(): ChannelRange {
    return { first: 0, end: this.#taps.channels };
  }

  #split(
    { first, end }: ChannelRange,
    useDense: boolean,
    dense: (range: ChannelRange) => Call[],
    sparse: (range: ChannelRange) => Call,
  ): Call[] {
    const { denseChannels } = this.#kernels;
    const denseEnd = useDense ? denseChannels * Math.floor(this.#taps.channels / denseChannels) : 0;
    const boundary = Math.min(end, Math.max(first, denseEnd));
    return [
      ...(boundary > first ? dense({ first, end: boundary }) : []),
      ...(end > boundary ? [sparse({ first: boundary, end })] : []),
    ];
  }
}
