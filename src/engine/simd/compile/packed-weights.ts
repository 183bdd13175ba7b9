import { correlateBlocks, type WeightBlocks } from '../dense-weights.ts';
import type { SharedMemory } from '../memory.ts';
import type { Call } from '../program.ts';
import { correlateLists, type WeightLists } from '../sparse-weights.ts';
import type { ChannelRange, Grid, Taps } from '../taps.ts';
import type { FewColumns, Weights } from './weights.ts';

/**
 * Constant weights, packed once: in blocks of channels for the dense kernels, or as lists of each channel's nonzero weights for the sparse
 * ones. Channels that do not fill a block are always lists.
 */
export class PackedWeights implements Weights {
  readonly channels: number;
  readonly block: number;
  readonly #blocks: WeightBlocks;
  /** Address of the tap offsets, shifted right, for single images. */
  readonly #narrowOffsets: number;
  readonly #lists: WeightLists;

  /** @param shift the shift with which `narrow` will be called, if not 0 */
  constructor(
    memory: SharedMemory,
    values: Float32Array,
    { channels, taps, tapIndex, channelStep, spans }: Taps,
    dense: boolean,
    shift = 0,
  ) {
    this.channels = channels;
    const block = memory.kernels.denseChannels;
    this.block = block;
    const denseChannels = dense ? channels - (channels % block) : 0;
    const offsets = memory.place(Uint32Array.from(dense ? taps : []));
    this.#narrowOffsets = memory.place(Uint32Array.from(dense ? taps : [], (tap) => tap >>> shift));
    const weight = (channel: number, tap: number) => values[channel * channelStep + tapIndex[tap]!]!;

    const blocks = new Float32Array(denseChannels * taps.length);
    for (let channel = 0; channel < denseChannels; channel++) {
      const first = channel - (channel % block);
      for (let tap = 0; tap < taps.length; tap++)
        blocks[first * taps.length + block * tap + (channel % block)] = weight(channel, tap);
    }
    this.#blocks = { block, offsets, count: taps.length, values: memory.place(blocks), spans };

    const lists = Array.from({ length: channels - denseChannels }, (_, number) => {
      const channel = denseChannels + number;
      return [...taps.keys()].filter((tap) => weight(channel, tap) !== 0);
    });
    const longest = lists.reduce((most, { length }) => Math.max(most, length), 0);
    const stride = 8 * longest;
    const pairs = memory.allocate(lists.length * stride);
    const counts = memory.place(Uint32Array.from(lists, ({ length }) => length));
    this.#lists = { firstChannel: denseChannels, pairs, stride, counts };
    const pairOffsets = memory.integers(pairs, 2 * longest * lists.length);
    const survivors = memory.floats(pairs, 2 * longest * lists.length);
    lists.forEach((list, number) => {
      list.forEach((tap, place) => {
        const pair = 2 * (number * longest + place);
        pairOffsets[pair] = taps[tap]!;
        survivors[pair + 1] = weight(denseChannels + number, tap);
      });
    });
  }

  correlate(x: number, y: number, grid: Grid, bias: number, floor: number, range: ChannelRange): Call[] {
    return this.#split(
      range,
      (channels) => correlateBlocks(this.#blocks, x, y, grid, bias, floor, channels),
      (channels) => correlateLists(this.#lists, x, y, grid, bias, floor, channels),
    );
  }

  /**
   * Like `correlate`, to the bit, but for one row of at most one vector.
   *
   * @param shift 0, or the constructor's `shift`: tap offsets are divided by 2^shift
   */
  narrow(
    x: number,
    y: number,
    { columns, yPlane, shift }: FewColumns,
    bias: number,
    floor: number,
    range: ChannelRange,
  ): Call[] {
    const blocks = shift === 0 ? this.#blocks : { ...this.#blocks, offsets: this.#narrowOffsets };
    const grid: Grid = { rows: 1, columns, xRow: 0, yRow: 0, yPlane };
    const { firstChannel, pairs, stride, counts } = this.#lists;
    return this.#split(
      range,
      (channels) => correlateBlocks(blocks, x, y, grid, bias, floor, channels),
      ({ first, end }) => ({
        kernel: 'narrowSparse',
        x,
        y: y + first * yPlane,
        shift,
        yPlane,
        pairs: pairs + (first - firstChannel) * stride,
        pairsStride: stride,
        counts: counts + 4 * (first - firstChannel),
        channels: end - first,
        bias: bias + 4 * first,
        floor,
      }),
    );
  }

  /** Makes calls for the channels of a range that are packed in blocks, and for those that are lists. */
  #split(
    { first, end }: ChannelRange,
    blocks: (range: ChannelRange) => Call[],
    lists: (range: ChannelRange) => Call,
  ): Call[] {
    const boundary = Math.min(end, Math.max(first, this.#lists.firstChannel));
    return [
      ...(boundary > first ? blocks({ first, end: boundary }) : []),
      ...(end > boundary ? [lists({ first: boundary, end })] : []),
    ];
  }
}
