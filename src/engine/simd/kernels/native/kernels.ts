import type { KernelSet } from '../kernel-set.ts';
import { oddLines } from '../odd-lines.ts';
import type { Addon, NativeSet } from './addon.ts';
import { CROSSOVER } from './crossover.ts';

const CACHE_LINE = 64;
/** A power of two, and four vectors of AVX-512. */
const BLOCK_IMAGES = 64;

/** For users. */
const INSTRUCTION_SETS = { avx512: 'AVX-512', avx2: 'AVX2', neon: 'NEON' };

/** The kernels of native/, a set for each instruction set that this processor has, the fastest first. */
export function nativeKernels(addon: Addon): KernelSet[] {
  return addon.sets.map((set, index) => kernelSet(addon, set, index));
}

function kernelSet(addon: Addon, set: NativeSet, index: number): KernelSet {
  const { name, lanes, denseChannels, denseTaps, sparseRows } = set;
  const vectorBytes = 4 * lanes;
  const windowPlaces = (channels: number, radius: number) => channels + 2 * radius + 1;
  const kernels: KernelSet = {
    name: `native-${name}`,
    lanes,
    denseChannels,
    denseTaps,
    sparseRows,
    features: {
      rows: 1,
      columns: BLOCK_IMAGES,
      shift: Math.log2(4 * BLOCK_IMAGES),
      loneImages: 2,
      loneShift: Math.log2(vectorBytes),
    },
    crossover: CROSSOVER,
    // One vector more, for kernels align their own.
    scratch: {
      lrn: (channels, radius) => vectorBytes * (2 * windowPlaces(channels, radius) + 1),
      lrnGradient: (channels, radius) => vectorBytes * (3 * windowPlaces(channels, radius) + 1),
      weightGradientSparse: (taps) => vectorBytes * taps,
    },
    // Address 0 means no buffer.
    reservedBytes: CACHE_LINE,
    slackBytes: vectorBytes,
    planePitch: oddLines,
    compile: () => ({ kernels, code: undefined, target: 'native code', build: INSTRUCTION_SETS[name] }),
    open: (_, memory) => {
      const makeCalls = addon.open(index, new Uint8Array(memory.buffer));
      return (words, begin, end) => makeCalls(words, begin, end, memory.buffer.byteLength);
    },
  };
  return kernels;
}
