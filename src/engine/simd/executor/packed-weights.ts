import { BLOCK, correlateBlocks, type WeightBlocks } from '../dense-weights.ts';
import type { SharedMemory } from '../memory.ts';
import type { Call } from '../program.ts';
import type { ChannelRange, Grid, Taps } from '../taps.ts';

/** What computes a layer's outputs, max(floor, bias + the correlation of x). Offsets y and bias are those of channel 0. */
export interface Weights {
  readonly channels: number;
  correlate(x: number, y: number, grid: Grid, bias: number, floor: number, range: ChannelRange): Call[];
}

/**
 * Constant weights, packed once: for the dense kernels in blocks of three channels, or as each channel's list of the weights that are not
 * zero. Channels that fill no block are lists in any case.
 */
export class PackedWeights implements Weights {
  readonly channels: number;
  readonly #denseChannels: number;
  readonly #blocks: WeightBlocks;
  /** The offsets for inputs that lie closer together. */
  readonly #narrowOffsets: number;
  readonly #pairs: number;
  readonly #stride: number;
  readonly #counts: number;

  /** @param shift of `narrow` */
  constructor(
    memory: SharedMemory,
    values: Float32Array,
    { channels, taps, tapIndex, channelStep, spans }: Taps,
    dense: boolean,
    shift = 0,
  ) {
    this.channels = channels;
    this.#denseChannels = dense ? channels - (channels % BLOCK) : 0;
    const offsets = memory.place(Uint32Array.from(dense ? taps : []));
    this.#narrowOffsets = memory.place(Uint32Array.from(dense ? taps : [], (tap) => tap >>> shift));
    const weight = (channel: number, tap: number) => values[channel * channelStep + tapIndex[tap]!]!;

    const blocks = new Float32Array(this.#denseChannels * taps.length);
    for (let channel = 0; channel < this.#denseChannels; channel++) {
      const block = channel - (channel % BLOCK);
      for (let tap = 0; tap < taps.length; tap++)
        blocks[block * taps.length + BLOCK * tap + (channel % BLOCK)] = weight(channel, tap);
    }
    this.#blocks = { offsets, count: taps.length, values: memory.place(blocks), spans };

    const lists = Array.from({ length: channels - this.#denseChannels }, (_, number) => {
      const channel = this.#denseChannels + number;
      return [...taps.keys()].filter((tap) => weight(channel, tap) !== 0);
    });
    const longest = Math.max(0, ...lists.map(({ length }) => length));
    this.#stride = 8 * longest;
    this.#pairs = memory.allocate(lists.length * this.#stride);
    this.#counts = memory.place(Uint32Array.from(lists, ({ length }) => length));
    const pairOffsets = memory.integers(this.#pairs, 2 * longest * lists.length);
    const survivors = memory.floats(this.#pairs, 2 * longest * lists.length);
    lists.forEach((list, number) => {
      list.forEach((tap, place) => {
        const pair = 2 * (number * longest + place);
        pairOffsets[pair] = taps[tap]!;
        survivors[pair + 1] = weight(this.#denseChannels + number, tap);
      });
    });
  }

  correlate(x: number, y: number, grid: Grid, bias: number, floor: number, range: ChannelRange): Call[] {
    const { rows, columns, xRow, yRow, yPlane } = grid;
    return this.#split(
      range,
      y,
      yPlane,
      (channels) => correlateBlocks(this.#blocks, x, y, grid, bias, floor, channels),
      (target, first, channels) => [
        'convSparse',
        x,
        target,
        rows,
        columns,
        xRow,
        yRow,
        yPlane,
        this.#pairs + (first - this.#denseChannels) * this.#stride,
        this.#stride,
        this.#counts + 4 * (first - this.#denseChannels),
        channels,
        bias + 4 * first,
        floor,
      ],
    );
  }

  /**
   * Of one row of at most four columns, with the same bits.
   *
   * @param shift 0, or the one given on construction: taps' offsets are divided by 2^shift
   */
  narrow(
    x: number,
    y: number,
    { columns, yPlane, shift }: { columns: number; yPlane: number; shift: number },
    bias: number,
    floor: number,
    range: ChannelRange,
  ): Call[] {
    const blocks = shift === 0 ? this.#blocks : { ...this.#blocks, offsets: this.#narrowOffsets };
    const grid: Grid = { rows: 1, columns, xRow: 0, yRow: 0, yPlane };
    return this.#split(
      range,
      y,
      yPlane,
      (channels) => correlateBlocks(blocks, x, y, grid, bias, floor, channels),
      (target, first, channels) => [
        'narrowSparse',
        x,
        target,
        shift,
        yPlane,
        this.#pairs + (first - this.#denseChannels) * this.#stride,
        this.#stride,
        this.#counts + 4 * (first - this.#denseChannels),
        channels,
        bias + 4 * first,
        floor,
      ],
    );
  }

  #split(
    { first, end }: ChannelRange,
    y: number,
    yPlane: number,
    dense: (range: ChannelRange) => Call[],
    sparse: (y: number, first: number, channels: number) => Call,
  ): Call[] {
    const boundary = Math.min(end, Math.max(first, this.#denseChannels));
    return [
      ...(boundary > first ? dense({ first, end: boundary }) : []),
      ...(end > boundary ? [sparse(y + boundary * yPlane, boundary, end - boundary)] : []),
    ];
  }
}
