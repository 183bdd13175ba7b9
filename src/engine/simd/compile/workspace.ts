import { THREAD_MEMORY } from '../kernels/encode-call.ts';
import { CACHE_LINE, roundUp, type SharedMemory } from '../memory.ts';
import type { ThreadMemory } from '../program.ts';

const PAGE = 4096;

/** A place for each item, or one for whichever is computed. */
export interface Places {
  readonly offset: number;
  /** Bytes from one item's to the next one's; 0 where they are computed one after the other in the same place. */
  readonly step: number;
}

/** Hands out the memory of one compiled program. */
export class Workspace {
  readonly memory: SharedMemory;
  readonly threads: number;
  /** Buffers that must be zero where nothing writes to them, when another program may have used their memory. */
  readonly #zeroed: { readonly offset: number; readonly bytes: number }[] = [];
  #threadBytes = 0;
  #threadMemory: ThreadMemory = { offset: 0, stride: 0 };

  constructor(memory: SharedMemory, threads: number) {
    this.memory = memory;
    this.threads = threads;
  }

  /** A buffer that all threads know. */
  shared(bytes: number): number {
    return this.memory.allocate(bytes);
  }

  /** A buffer of which each thread has its own, for what one task writes and reads. */
  own(bytes: number): number {
    const offset = this.#threadBytes;
    // Between two buffers vector loads and stores may reach beyond the one, as they may in shared memory.
    this.#threadBytes += roundUp(bytes + this.memory.kernels.slackBytes, CACHE_LINE);
    return THREAD_MEMORY + offset;
  }

  /** Has the buffer set to zero by `clear`. */
  keepZero(offset: number, bytes: number): void {
    this.#zeroed.push({ offset, bytes });
  }

  /** Allocates the threads' own memory, when all has been handed out. */
  placeThreadMemory(): ThreadMemory {
    const stride = roundUp(this.#threadBytes, PAGE) + PAGE / 2;
    this.#threadMemory = { offset: this.memory.allocate(this.threads * stride), stride };
    return this.#threadMemory;
  }

  /** Makes memory as it was when this workspace was new, as far as that matters. */
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
