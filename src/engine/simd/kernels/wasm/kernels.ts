import type { KernelSet } from '../kernel-set.ts';
import { oddLines } from '../odd-lines.ts';
import { callerOf } from './caller.ts';
import { CROSSOVER } from './crossover.ts';
import { compileModule, instantiate } from './module.ts';

const LANES = 4;
const VECTOR_BYTES = 4 * LANES;
/** The first page of memory, which `initialMemory` in assembly/asconfig.json reserves for the kernels' constants. */
const RESERVED_BYTES = 65_536;

/** The kernels of assembly/. Their tiles fill the 15 vector registers that V8 allocates on x86-64. */
export const WASM_KERNELS: KernelSet = {
  name: 'wasm',
  lanes: LANES,
  denseChannels: 3,
  denseTaps: 3,
  sparseRows: 2,
  features: { rows: 2, columns: 12, shift: 7, loneImages: 2, loneShift: 4 },
  crossover: CROSSOVER,
  scratch: {
    lrn: (channels, radius) => 2 * VECTOR_BYTES * (channels + 2 * radius + 1),
    lrnGradient: (channels, radius) => 3 * VECTOR_BYTES * (channels + 2 * radius + 1),
    weightGradientSparse: (taps) => VECTOR_BYTES * taps,
  },
  reservedBytes: RESERVED_BYTES,
  slackBytes: 64,
  planePitch: oddLines,
  compile: (relaxed) => ({ kernels: WASM_KERNELS, target: 'WebAssembly', ...compileModule(relaxed) }),
  open: (code, memory) => callerOf(instantiate(code as WebAssembly.Module, memory)),
};
