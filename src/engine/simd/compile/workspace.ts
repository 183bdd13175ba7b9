import { THREAD_MEMORY } from '../kernels/encode-call.ts';
import { CACHE_LINE, roundUp, type SharedMemory } from '../memory.ts';
import type { ThreadMemory } from '../program.ts';

const PAGE = 4096;

/** A place for each item, or a single place for all of them. */
export interface Places {
  readonly offset: number;
  /** Bytes from one item's place to the next one's; 0 if all items are computed in the same place, one after another. */
  readonly stride: number;
}

/** Allocates the memory of one compiled program. */
export class Workspace {
  readonly memory: SharedMemory;
  readonly threads: number;
  /** Buffers that must be zero where the program does not write. Another program may have used their memory in between. */
  readonly #zeroed: { readonly offset: number; readonly bytes: number }[] = [];
  #threadBytes = 0;
  #threadMemory: ThreadMemory = { offset: 0, stride: 0 };

  constructor(memory: SharedMemory, threads: number) {
    this.memory = memory;
    this.threads = threads;
  }

  /** Returns the address of a buffer that all threads share. */
  shared(bytes: number): number {
    return this.memory.allocate(bytes);
  }

  /** Returns the thread-local address of a buffer that each thread has for itself, for values that one task writes and reads. */
  own(bytes: number): number {
    const offset = this.#threadBytes;
    // Vector loads and stores may reach beyond a buffer's end, so leave room before the next one.
    this.#threadBytes += roundUp(bytes + this.memory.kernels.slackBytes, CACHE_LINE);
    return THREAD_MEMORY + offset;
  }

  /** Makes `clear` fill a buffer with zeros. */
  keepZero(offset: number, bytes: number): void {
    this.#zeroed.push({ offset, bytes });
  }

  /** Allocates the threads' own memory. Call this once, after the last call of `own`. */
  placeThreadMemory(): ThreadMemory {
    const stride = roundUp(this.#threadBytes, PAGE) + PAGE / 2;
    this.#threadMemory = { offset: this.memory.allocate(this.threads * stride), stride };
    return this.#threadMemory;
  }

  /** Fills the buffers of `keepZero` with zeros again. */
  clear(): void {
    for (const { offset, bytes } of this.#zeroed) {
      if (offset < THREAD_MEMORY) this.memory.bytes(offset, bytes).fill(0);
      else
        for (let thread = 0; thread < this.threads; thread++) {
          const own = this.#threadMemory.offset + thread * this.#threadMemory.stride;
          this.memory.bytes(own + offset - THREAD_MEMORY, bytes).fill(0);
        }
    }
  }
}
