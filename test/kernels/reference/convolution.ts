import type { KernelSet } from '../../../src/engine/simd/kernels/kernel-set.ts';
import type { CallOf } from '../../../src/engine/simd/kernels/signatures.ts';
import type { Arena, Reader } from '../arena.ts';
import { filled, type KernelTests } from '../kernel-test.ts';
import { type Outcome, Sum } from '../outcome.ts';

/** One tap of a channel: what it reads, in bytes from the output's place in x, and its weight. */
export interface Tap {
  readonly offset: number;
  readonly weight: number;
}

type Outputs = Pick<CallOf<'convSparse'>, 'x' | 'y' | 'rows' | 'columns' | 'xRow' | 'yRow' | 'yPlane'> & {
  readonly bias: number;
  readonly floor: number;
};

export const convolution: KernelTests<'convDense' | 'convSparse' | 'narrowSparse' | 'matMul'> = {
  convDense: {
    draw: (arena, set) => {
      const [blocks, tapCount] = [arena.integer(1, 3), arena.integer(0, 9)];
      const taps = drawTaps(arena, tapCount);
      const weightsStride = arena.stride(4 * set.denseChannels * tapCount);
      return {
        kernel: 'convDense',
        ...drawOutputs(arena, set, set.denseChannels * blocks, taps),
        taps: arena.words(taps),
        tapCount,
        weights: arena.floats((blocks * weightsStride) / 4),
        weightsStride,
        blocks,
      };
    },
    reference: ({ taps, tapCount, weights, weightsStride, blocks, ...call }, before, expected, set) => {
      for (let channel = 0; channel < set.denseChannels * blocks; channel++) {
        const [block, place] = [Math.floor(channel / set.denseChannels), channel % set.denseChannels];
        const list: Tap[] = [];
        for (let tap = 0; tap < tapCount; tap++) {
          const weight = before.float(
            weights + block * weightsStride + 4 * (set.denseChannels * tap + place),
          );
          list.push({ offset: before.word(taps + 4 * tap), weight });
        }
        correlate(call, channel, list, before, expected, set);
      }
    },
  },
  convSparse: {
    draw: (arena, set) => {
      const channels = arena.integer(1, 14);
      const { taps, ...lists } = drawLists(arena, channels);
      return { kernel: 'convSparse', ...drawOutputs(arena, set, channels, taps), ...lists };
    },
    reference: (call, before, expected, set) => {
      for (let channel = 0; channel < call.channels; channel++)
        correlate(call, channel, listOf(call, channel, 0, before), before, expected, set);
    },
  },
  narrowSparse: {
    draw: (arena, set) => {
      const [channels, shift] = [arena.integer(1, 14), arena.integer(0, 3)];
      const { taps, ...lists } = drawLists(arena, channels, 1 << shift);
      const near = taps.map((tap) => tap >>> shift);
      const { x, y, yPlane, bias, floor } = drawOutputs(arena, set, channels, near, {
        rows: 1,
        columns: set.lanes,
      });
      return { kernel: 'narrowSparse', x, y, shift, yPlane, ...lists, bias, floor };
    },
    reference: (call, before, expected, set) => {
      const row = { ...call, rows: 1, columns: set.lanes, xRow: 0, yRow: 0 };
      for (let channel = 0; channel < call.channels; channel++)
        correlate(row, channel, listOf(call, channel, call.shift, before), before, expected, set);
    },
  },
  matMul: {
    draw: (arena, set) => {
      const [rows, inner, columns] = [arena.integer(1, 5), arena.integer(0, 9), arena.integer(1, 14)];
      const transposed = arena.flag() === 1;
      const aRow = transposed ? 4 : arena.stride(4 * inner);
      const aColumn = transposed ? arena.stride(4 * rows) : 4;
      const bRow = arena.stride(4 * columns);
      return {
        kernel: 'matMul',
        a: arena.floats((rows * aRow + inner * aColumn) / 4),
        b: arena.floats((inner * bRow) / 4 + filled(columns, set)),
        y: arena.room(4 * (rows * columns + set.lanes)),
        rows,
        inner,
        columns,
        aRow,
        aColumn,
        bRow,
      };
    },
    reference: ({ a, b, y, rows, inner, columns, aRow, aColumn, bRow }, before, expected, set) => {
      expected.anything(y, 4 * ((rows - 1) * columns + filled(columns, set)));
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          const sum = new Sum();
          for (let k = 0; k < inner; k++)
            sum.add(before.float(a + row * aRow + k * aColumn) * before.float(b + k * bRow + 4 * column));
          expected.sum(y + 4 * (row * columns + column), sum);
        }
    },
  },
};

/** y[channel][row][column] = max(floor, bias + the sum over the taps), in rows of whole vectors. */
function correlate(
  { x, y, rows, columns, xRow, yRow, yPlane, bias, floor }: Outputs,
  channel: number,
  taps: readonly Tap[],
  before: Reader,
  expected: Outcome,
  set: KernelSet,
): void {
  for (let row = 0; row < rows; row++) {
    const target = y + channel * yPlane + row * yRow;
    expected.anything(target, 4 * filled(columns, set));
    for (let column = 0; column < columns; column++) {
      const sum = new Sum().add(before.float(bias + 4 * channel));
      for (const { offset, weight } of taps)
        sum.add(before.float(x + row * xRow + offset + 4 * column) * weight);
      expected.sum(target + 4 * column, sum.atLeast(before.float(floor)));
    }
  }
}

export function drawTaps(arena: Arena, count: number, unit = 1): number[] {
  return Array.from({ length: count }, () => 4 * unit * arena.index(100));
}

/** For each channel a list of taps, which may be empty; what lies beyond its end has no meaning. */
export function drawLists(arena: Arena, channels: number, unit = 1) {
  const counts = Array.from({ length: channels }, () => arena.integer(0, 6));
  const longest = Math.max(...counts);
  const pairsStride = 8 * (longest + arena.integer(0, 2));
  const taps = drawTaps(arena, Math.max(1, longest), unit);
  const pairs = arena.floats((channels * pairsStride) / 4);
  counts.forEach((count, channel) => {
    for (let k = 0; k < count; k++) arena.setWord(pairs + channel * pairsStride + 8 * k, arena.choose(taps));
  });
  return { taps, pairs, pairsStride, counts: arena.words(counts), channels };
}

export function listOf(
  { pairs, pairsStride, counts }: Pick<CallOf<'convSparse'>, 'pairs' | 'pairsStride' | 'counts'>,
  channel: number,
  shift: number,
  before: Reader,
): Tap[] {
  const list: Tap[] = [];
  for (let k = 0; k < before.word(counts + 4 * channel); k++) {
    const pair = pairs + channel * pairsStride + 8 * k;
    list.push({ offset: before.word(pair) >>> shift, weight: before.float(pair + 4) });
  }
  return list;
}

/** Widths around the tiles of the kernels, one row and one column among them. */
function drawOutputs(
  arena: Arena,
  set: KernelSet,
  channels: number,
  taps: readonly number[],
  { rows, columns } = { rows: arena.integer(1, 5), columns: arena.integer(1, 30) },
): Outputs {
  const reach = Math.max(0, ...taps) / 4 + filled(columns, set);
  const xRow = 4 * arena.integer(0, 40);
  const yRow = arena.stride(4 * filled(columns, set));
  const yPlane = arena.stride(rows * yRow);
  return {
    x: arena.floats(((rows - 1) * xRow) / 4 + reach),
    y: arena.room(channels * yPlane),
    rows,
    columns,
    xRow,
    yRow,
    yPlane,
    bias: arena.floats(channels),
    floor: arena.floats(1, () => arena.pick(0, Number.NEGATIVE_INFINITY)),
  };
}
