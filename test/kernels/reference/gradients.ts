import type { KernelSet } from '../../../src/engine/simd/kernels/kernel-set.ts';
import type { CallOf } from '../../../src/engine/simd/kernels/signatures.ts';
import type { Arena, Reader } from '../arena.ts';
import { filled, type KernelTests } from '../kernel-test.ts';
import { Sum } from '../outcome.ts';
import { drawLists, drawTaps, listOf } from './convolution.ts';

type Batch = Pick<
  CallOf<'weightGradientDense'>,
  'x' | 'dy' | 'images' | 'xImage' | 'dyImage' | 'rows' | 'columns' | 'xRow' | 'dyRow' | 'dyPlane'
>;

export const gradients: KernelTests<'sumPlanes' | 'weightGradientDense' | 'weightGradientSparse'> = {
  sumPlanes: {
    draw: (arena, set) => {
      const planes = arena.integer(1, 4);
      const { rows, columns, dy, dyRow, dyPlane } = drawOutputGradient(arena, set, planes, 1);
      const [sums, accumulate] = [arena.floats(planes), arena.flag()];
      return {
        kernel: 'sumPlanes',
        source: dy,
        sums,
        planes,
        rows,
        columns,
        plane: dyPlane,
        row: dyRow,
        accumulate,
      };
    },
    reference: ({ source, sums, planes, rows, columns, plane, row, accumulate }, before, expected) => {
      for (let p = 0; p < planes; p++) {
        const sum = startOf(sums + 4 * p, accumulate, before);
        for (let r = 0; r < rows; r++)
          for (let column = 0; column < columns; column++)
            sum.add(before.float(source + p * plane + r * row + 4 * column));
        expected.sum(sums + 4 * p, sum);
      }
    },
  },
  weightGradientDense: {
    draw: (arena, set) => {
      const [blocks, tapCount] = [arena.integer(1, 2), set.denseTaps * arena.integer(0, 4)];
      const taps = drawTaps(arena, tapCount);
      const gradientStride = arena.stride(4 * set.denseChannels * tapCount);
      return {
        kernel: 'weightGradientDense',
        ...drawBatch(arena, set, set.denseChannels * blocks, taps),
        taps: arena.words(taps),
        tapCount,
        blocks,
        gradient: arena.floats((blocks * gradientStride) / 4),
        gradientStride,
        accumulate: arena.flag(),
      };
    },
    reference: (call, before, expected, { denseChannels: block }) => {
      for (let channel = 0; channel < block * call.blocks; channel++)
        for (let tap = 0; tap < call.tapCount; tap++) {
          const place = 4 * (block * tap + (channel % block));
          const address = call.gradient + Math.floor(channel / block) * call.gradientStride + place;
          const sum = startOf(address, call.accumulate, before);
          expected.sum(address, gradientOf(call, channel, before.word(call.taps + 4 * tap), before, sum));
        }
    },
  },
  weightGradientSparse: {
    draw: (arena, set) => {
      const channels = arena.integer(1, 5);
      const { taps, ...lists } = drawLists(arena, channels);
      return {
        kernel: 'weightGradientSparse',
        ...drawBatch(arena, set, channels, taps),
        ...lists,
        partials: arena.room(set.scratch.weightGradientSparse(lists.pairsStride >> 3)),
        gradient: arena.floats((channels * lists.pairsStride) / 8),
        accumulate: arena.flag(),
      };
    },
    reference: (call, before, expected, set) => {
      // Room for the longest list that the stride has room for.
      expected.anything(call.partials, set.scratch.weightGradientSparse(call.pairsStride >> 3));
      for (let channel = 0; channel < call.channels; channel++)
        listOf(call, channel, 0, before).forEach(({ offset }, k) => {
          const address = call.gradient + (channel * call.pairsStride) / 2 + 4 * k;
          const sum = startOf(address, call.accumulate, before);
          expected.sum(address, gradientOf(call, channel, offset, before, sum));
        });
    },
  },
};

function startOf(address: number, accumulate: number, before: Reader): Sum {
  return accumulate === 1 ? new Sum().add(before.float(address)) : new Sum();
}

/** The sum over images, rows and columns of x, from a tap on, times dy. */
function gradientOf(call: Batch, channel: number, tap: number, before: Reader, sum: Sum): Sum {
  for (let image = 0; image < call.images; image++)
    for (let row = 0; row < call.rows; row++)
      for (let column = 0; column < call.columns; column++) {
        const x = call.x + image * call.xImage + row * call.xRow + tap + 4 * column;
        const dy = call.dy + image * call.dyImage + channel * call.dyPlane + row * call.dyRow + 4 * column;
        sum.add(before.float(x) * before.float(dy));
      }
  return sum;
}

function drawBatch(arena: Arena, set: KernelSet, channels: number, taps: readonly number[]): Batch {
  const images = arena.integer(1, 3);
  const gradient = drawOutputGradient(arena, set, channels, images);
  const xRow = 4 * arena.integer(0, 35);
  const reach = Math.max(0, ...taps) + 4 * filled(gradient.columns, set);
  const xImage = arena.stride((gradient.rows - 1) * xRow + reach);
  return { x: arena.floats((images * xImage) / 4), images, xImage, xRow, ...gradient };
}

/** Rows filled up with zeros. */
function drawOutputGradient(arena: Arena, set: KernelSet, channels: number, images: number) {
  const [rows, columns] = [arena.integer(1, 5), arena.integer(1, 30)];
  const dyRow = arena.stride(4 * filled(columns, set));
  const dyPlane = arena.stride(rows * dyRow);
  const dyImage = arena.stride(channels * dyPlane);
  const dy = arena.floats((images * dyImage) / 4);
  for (let image = 0; image < images; image++)
    for (let channel = 0; channel < channels; channel++)
      for (let row = 0; row < rows; row++)
        for (let column = columns; column < filled(columns, set); column++)
          arena.setWord(dy + image * dyImage + channel * dyPlane + row * dyRow + 4 * column, 0);
  return { rows, columns, dy, dyRow, dyPlane, dyImage };
}
