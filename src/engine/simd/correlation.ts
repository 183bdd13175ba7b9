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

/** Default number of tasks that share the channels. */
const PARTS = 16;

/**
 * A correlation with packed weights: a layer's forward pass, or the gradient of its inputs from that of its outputs. If `mode` chooses
 * dense kernels, they compute all whole blocks of channels, and sparse kernels the channels left over; else sparse kernels compute all.
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

  /** Calls that list the surviving weights. Run them after the mask has changed. */
  listCalls(range: ChannelRange): Call[] {
    return [this.#sparse.list(range)];
  }

  /** Calls that pack the weights. Run them after weights or lists have changed. */
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
   * @param y address of channel 0, whatever `range` is, as is `bias`
   * @param floor address of the lowest output
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
   * @param dy address of channel 0 of the outputs' gradient; `grid` describes its layout where it says y
   * @param target address of the slice's gradient, in the kernels' order
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

  /** Sums the slices' gradients, in the order of slices, into `target`, which is in TensorFlow's order and 0 where the mask is 0. */
  gatherCalls(offset: number, slices: number, target: number, range: ChannelRange): Call[] {
    const gradients: SliceGradients = { offset, count: slices, stride: this.gradientBytes };
    return this.#split(
      range,
      this.mode.denseGradient,
      (channels) => [this.#dense.gather(gradients, target, channels)],
      (channels) => this.#sparse.gather(gradients, target, channels),
    );
  }

  /** Divides the channels into tasks. `makeCalls` makes the calls of one task. */
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
