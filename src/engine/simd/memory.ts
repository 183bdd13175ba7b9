import { UserError } from '../../errors.ts';
import type { KernelSet } from './kernels/kernel-set.ts';

const PAGE = 65_536;
/** Bytes of a cache line. Each buffer begins at the start of one. */
export const CACHE_LINE = 64;
const MAX_PAGES = 65_536;
const MAX_GIB = (MAX_PAGES * PAGE) / 2 ** 30;

/** The memory that kernels and threads share. Buffers are allocated one after another, filled with zeros, and freed as on a stack. */
export class SharedMemory {
  /** The set of kernels that computes in this memory. */
  readonly kernels: KernelSet;
  readonly memory: WebAssembly.Memory;
  #top: number;
  /** From this address on, memory has never been written and so is zero. */
  #untouched: number;

  constructor(kernels: KernelSet) {
    const { reservedBytes } = kernels;
    const initial = Math.max(1, Math.ceil(reservedBytes / PAGE));
    this.kernels = kernels;
    this.memory = new WebAssembly.Memory({ initial, maximum: MAX_PAGES, shared: true });
    this.#top = reservedBytes;
    this.#untouched = reservedBytes;
  }

  /** Bytes allocated so far. */
  get size(): number {
    return this.#top;
  }

  /** Returns the address of a new buffer of zeros. @throws UserError `engine` if there is not enough memory */
  allocate(bytes: number): number {
    const offset = this.#top;
    const top = roundUp(offset + bytes + this.kernels.slackBytes, CACHE_LINE);
    this.#growTo(top);
    this.#top = top;
    const stale = Math.min(this.#untouched, this.#top) - offset;
    if (stale > 0) new Uint8Array(this.memory.buffer, offset, stale).fill(0);
    this.#untouched = Math.max(this.#untouched, this.#top);
    return offset;
  }

  #growTo(bytes: number): void {
    const missing = Math.ceil(bytes / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch (cause) {
      const gigabytes = (size: number) => (size / 2 ** 30).toFixed(1);
      throw new UserError(
        'engine',
        `engine simd needs at least ${gigabytes(bytes)} GiB of memory, but got only ${gigabytes(this.memory.buffer.byteLength)} of at most ${MAX_GIB}`,
        'Compute fewer images at once, with a smaller --batch_size.',
        { cause },
      );
    }
  }

  /** Frees all buffers allocated since `size` had this value. */
  release(size: number): void {
    this.#top = size;
  }

  floats(offset: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, offset, length);
  }

  doubles(offset: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, offset, length);
  }

  integers(offset: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, offset, length);
  }

  bytes(offset: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, offset, length);
  }

  /** Returns the address of a new buffer with these values. */
  place(values: Float32Array | Uint32Array): number {
    const offset = this.allocate(values.byteLength);
    if (values instanceof Float32Array) this.floats(offset, values.length).set(values);
    else this.integers(offset, values.length).set(values);
    return offset;
  }
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
