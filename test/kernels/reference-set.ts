import type { KernelModule, KernelSet, MakeCalls } from '../../src/engine/simd/kernels/kernel-set.ts';
import {
  type CallOf,
  KERNELS,
  type KernelName,
  parametersOf,
} from '../../src/engine/simd/kernels/signatures.ts';
import { WASM_KERNELS } from '../../src/engine/simd/kernels/wasm/kernels.ts';
import type { Reader } from './arena.ts';
import type { Outcome, Sum } from './outcome.ts';
import { TESTS } from './references.ts';

const LANES = 8;

const PARAMETERS = new Map(KERNELS.map((kernel) => [kernel, parametersOf(kernel)]));

/** The references as a set of kernels whose vectors, tiles and layout are others than WebAssembly's. */
const REFERENCE_KERNELS: KernelSet = {
  ...WASM_KERNELS,
  name: 'reference',
  lanes: LANES,
  denseChannels: 2,
  denseTaps: 5,
  sparseRows: 3,
  features: { rows: 3, columns: 2 * LANES, shift: 8, loneImages: 1, loneShift: 5 },
  scratch: {
    lrn: (channels) => 4 * channels,
    lrnGradient: (channels) => 8 * channels,
    weightGradientSparse: (taps) => 4 * taps,
  },
  reservedBytes: 128,
  slackBytes: 4 * LANES,
  planePitch: (bytes) => bytes + 4 * LANES,
  compile: () => REFERENCE_MODULE,
  open: (_, memory) => callerOf(memory),
};

/** For one thread: others would not find it. */
export const REFERENCE_MODULE: KernelModule = {
  kernels: REFERENCE_KERNELS,
  code: undefined,
  target: 'JavaScript',
  build: 'references',
};

function callerOf(shared: WebAssembly.Memory): MakeCalls {
  return (words, begin, end) => {
    const memory = new LiveMemory(shared.buffer);
    for (let word = begin; word < end; word += 2 + words[word + 1]!)
      make(KERNELS[words[word]!]!, words.subarray(word + 2, word + 2 + words[word + 1]!), memory);
  };
}

function make<Name extends KernelName>(kernel: Name, values: Int32Array, memory: LiveMemory): void {
  const call = Object.fromEntries(
    PARAMETERS.get(kernel)!.map(({ name }, place) => [name, values[place]! >>> 0]),
  );
  const stores = new Stores();
  TESTS[kernel].reference({ kernel, ...call } as CallOf<Name>, memory, stores, REFERENCE_KERNELS);
  stores.apply(memory.view);
}

/** What is in memory, up to the size that it has now. */
class LiveMemory implements Reader {
  readonly view: DataView;

  constructor(buffer: SharedArrayBuffer) {
    this.view = new DataView(buffer);
  }

  float(address: number): number {
    return this.view.getFloat32(address, true);
  }

  double(address: number): number {
    return this.view.getFloat64(address, true);
  }

  word(address: number): number {
    return this.view.getUint32(address, true);
  }

  byte(address: number): number {
    return this.view.getUint8(address);
  }
}

/** Keeps what a call leaves until it has read all. */
class Stores implements Outcome {
  readonly #garbage: ((view: DataView) => void)[] = [];
  readonly #values: ((view: DataView) => void)[] = [];

  float(address: number, value: number): void {
    this.#values.push((view) => view.setFloat32(address, value, true));
  }

  sum(address: number, { total }: Sum): void {
    this.float(address, total);
  }

  double(address: number, value: number): void {
    this.#values.push((view) => view.setFloat64(address, value, true));
  }

  word(address: number, value: number): void {
    this.#values.push((view) => view.setUint32(address, value, true));
  }

  byte(address: number, value: number): void {
    this.#values.push((view) => view.setUint8(address, value));
  }

  anything(address: number, bytes: number): void {
    this.#garbage.push((view) => {
      for (let byte = 0; byte < bytes; byte++) view.setUint8(address + byte, 0xff);
    });
  }

  apply(view: DataView): void {
    for (const store of [...this.#garbage, ...this.#values]) store(view);
  }
}
