import type { Arena, Reader } from '../arena.ts';
import type { KernelTests } from '../kernel-test.ts';

export const packing: KernelTests<
  'packDense' | 'listSurvivors' | 'packSparse' | 'gatherDense' | 'gatherSparse' | 'sumSlices'
> = {
  packDense: {
    draw: (arena, { denseChannels: block }) => {
      const [firstBlock, blocks] = [arena.integer(0, 2), arena.integer(1, 3)];
      const { weightCount, tapCount, tapIndex, channelStep } = drawOrder(
        arena,
        block * (firstBlock + blocks),
      );
      return {
        kernel: 'packDense',
        weights: arena.floats(weightCount),
        mask: arena.mask(weightCount),
        target: arena.room(4 * block * (firstBlock + blocks) * tapCount),
        tapIndex,
        tapCount,
        channelStep,
        firstBlock,
        blocks,
      };
    },
    reference: (call, before, expected, { denseChannels: block }) => {
      for (
        let channel = block * call.firstBlock;
        channel < block * (call.firstBlock + call.blocks);
        channel++
      )
        for (let tap = 0; tap < call.tapCount; tap++) {
          const at = 4 * weightIndex(call, channel, tap, before);
          const place = Math.floor(channel / block) * call.tapCount * block + tap * block + (channel % block);
          expected.float(
            call.target + 4 * place,
            before.float(call.weights + at) * before.float(call.mask + at),
          );
        }
    },
  },
  listSurvivors: {
    draw: (arena) => {
      const [firstChannel, channels] = [arena.integer(0, 3), arena.integer(1, 4)];
      const { weightCount, tapCount, tapIndex, channelStep } = drawOrder(arena, firstChannel + channels);
      const pairsStride = 8 * (tapCount + arena.integer(0, 2));
      // None, half, or all of the weights survive.
      const survival = arena.pick(0, 0.5, 1);
      return {
        kernel: 'listSurvivors',
        mask: arena.floats(weightCount, () => Number(arena.real(0, 1) < survival)),
        taps: arena.words(Array.from({ length: tapCount }, () => 4 * arena.index(1000))),
        tapIndex,
        tapCount,
        channelStep,
        pairs: arena.room((firstChannel + channels) * pairsStride),
        pairsStride,
        indices: arena.room(((firstChannel + channels) * pairsStride) / 2),
        counts: arena.room(4 * (firstChannel + channels)),
        firstChannel,
        channels,
      };
    },
    reference: (call, before, expected) => {
      const { firstChannel, channels, pairs, pairsStride, indices } = call;
      for (let channel = firstChannel; channel < firstChannel + channels; channel++) {
        let count = 0;
        for (let tap = 0; tap < call.tapCount; tap++) {
          const index = weightIndex(call, channel, tap, before);
          if (before.float(call.mask + 4 * index) === 0) continue;
          expected.word(pairs + channel * pairsStride + 8 * count, before.word(call.taps + 4 * tap));
          expected.word(indices + (channel * pairsStride) / 2 + 4 * count, index);
          count++;
        }
        expected.word(call.counts + 4 * channel, count);
      }
    },
  },
  packSparse: {
    draw: (arena) => {
      const { firstChannel, channels, counts, pairsStride, indices, weightCount } = drawSurvivors(arena);
      return {
        kernel: 'packSparse',
        weights: arena.floats(weightCount),
        pairs: arena.floats(((firstChannel + channels) * pairsStride) / 4),
        pairsStride,
        indices,
        counts,
        firstChannel,
        channels,
      };
    },
    reference: (call, before, expected) => {
      const { firstChannel, channels, counts, indices, pairs, pairsStride } = call;
      for (let channel = firstChannel; channel < firstChannel + channels; channel++)
        for (let k = 0; k < before.word(counts + 4 * channel); k++) {
          const index = before.word(indices + (channel * pairsStride) / 2 + 4 * k);
          const place = pairs + channel * pairsStride + 8 * k + 4;
          expected.float(place, before.float(call.weights + 4 * index));
        }
    },
  },
  gatherDense: {
    draw: (arena, { denseChannels: block }) => {
      const [firstBlock, blocks] = [arena.integer(0, 2), arena.integer(1, 3)];
      const channels = block * (firstBlock + blocks);
      const { weightCount, tapCount, tapIndex, channelStep } = drawOrder(arena, channels);
      const paddedTaps = tapCount + arena.integer(0, 2);
      const slice = arena.stride(4 * channels * paddedTaps);
      const sliceCount = arena.integer(1, 4);
      return {
        kernel: 'gatherDense',
        slices: arena.floats((sliceCount * slice) / 4),
        slice,
        sliceCount,
        mask: arena.mask(weightCount),
        gradient: arena.floats(weightCount),
        tapIndex,
        tapCount,
        paddedTaps,
        channelStep,
        firstBlock,
        blocks,
      };
    },
    reference: (call, before, expected, { denseChannels: block }) => {
      for (
        let channel = block * call.firstBlock;
        channel < block * (call.firstBlock + call.blocks);
        channel++
      )
        for (let tap = 0; tap < call.tapCount; tap++) {
          const at = 4 * weightIndex(call, channel, tap, before);
          const place =
            Math.floor(channel / block) * call.paddedTaps * block + tap * block + (channel % block);
          const sum = sumInOrder({ ...call, slices: call.slices + 4 * place }, before);
          expected.float(call.gradient + at, sum * before.float(call.mask + at));
        }
    },
  },
  gatherSparse: {
    draw: (arena) => {
      const { firstChannel, channels, counts, pairsStride, indices, weightCount } = drawSurvivors(arena);
      const slice = arena.stride(((firstChannel + channels) * pairsStride) / 2);
      const sliceCount = arena.integer(1, 4);
      return {
        kernel: 'gatherSparse',
        slices: arena.floats((sliceCount * slice) / 4),
        slice,
        sliceCount,
        gradient: arena.floats(weightCount),
        pairsStride,
        indices,
        counts,
        firstChannel,
        channels,
      };
    },
    reference: (call, before, expected) => {
      const { firstChannel, channels, counts, indices, pairsStride } = call;
      for (let channel = firstChannel; channel < firstChannel + channels; channel++)
        for (let k = 0; k < before.word(counts + 4 * channel); k++) {
          const place = (channel * pairsStride) / 2 + 4 * k;
          const sum = sumInOrder({ ...call, slices: call.slices + place }, before);
          expected.float(call.gradient + 4 * before.word(indices + place), sum);
        }
    },
  },
  sumSlices: {
    draw: (arena) => {
      const [count, sliceCount] = [arena.integer(1, 20), arena.integer(1, 5)];
      const slice = arena.stride(4 * count);
      const slices = arena.floats((sliceCount * slice) / 4);
      return { kernel: 'sumSlices', slices, slice, sliceCount, target: arena.room(4 * count), count };
    },
    reference: (call, before, expected) => {
      for (let k = 0; k < call.count; k++) {
        const sum = sumInOrder({ ...call, slices: call.slices + 4 * k }, before);
        expected.float(call.target + 4 * k, sum);
      }
    },
  },
};

/** The slices' order decides the bits, so each sum is rounded as it is made. */
function sumInOrder(
  { slices, slice, sliceCount }: { slices: number; slice: number; sliceCount: number },
  before: Reader,
): number {
  let sum = before.float(slices);
  for (let number = 1; number < sliceCount; number++)
    sum = Math.fround(sum + before.float(slices + number * slice));
  return sum;
}

/** Where a weight is in TensorFlow's order. */
function weightIndex(
  { channelStep, tapIndex }: { channelStep: number; tapIndex: number },
  channel: number,
  tap: number,
  before: Reader,
): number {
  return channel * channelStep + before.word(tapIndex + 4 * tap);
}

/** Weights as [taps][channels] or as [channels][taps], taps in any order. */
function drawOrder(arena: Arena, channels: number) {
  const tapCount = arena.integer(1, 8);
  const byTap = arena.flag() === 1;
  const places = Array.from({ length: tapCount }, (_, tap) => tap);
  for (let tap = tapCount - 1; tap > 0; tap--) {
    const other = arena.index(tap + 1);
    [places[tap], places[other]] = [places[other]!, places[tap]!];
  }
  const tapIndex = arena.words(places.map((place) => (byTap ? place * channels : place)));
  return { weightCount: channels * tapCount, tapCount, tapIndex, channelStep: byTap ? 1 : tapCount };
}

/** Lists as `listSurvivors` leaves them, some of them empty. */
function drawSurvivors(arena: Arena) {
  const [firstChannel, channels] = [arena.integer(0, 2), arena.integer(1, 4)];
  const lists = Array.from({ length: firstChannel + channels }, () => arena.integer(0, 5));
  const capacity = Math.max(...lists) + arena.integer(0, 2);
  const indices = arena.room(4 * lists.length * capacity);
  lists.forEach((count, channel) => {
    for (let k = 0; k < count; k++)
      arena.setWord(indices + 4 * (channel * capacity + k), channel * capacity + (count - 1 - k));
  });
  const weightCount = lists.length * capacity;
  return {
    firstChannel,
    channels,
    counts: arena.words(lists),
    pairsStride: 8 * capacity,
    indices,
    weightCount,
  };
}
