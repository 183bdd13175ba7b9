import { roundUp, type SharedMemory } from '../memory.ts';
import { LANE_MEMORY, type LaneMemory } from '../program.ts';

/** Hands out the memory of one compiled program. */
export class Workspace {
  readonly memory: SharedMemory;
  readonly threads: number;
  /** Buffers that must be zero where nothing writes to them, when another program may have used their memory. */
  readonly #zeroed: { readonly offset: number; readonly bytes: number }[] = [];
  #laneBytes = 0;
  #lanes: LaneMemory = { offset: 0, step: 0 };

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
    const offset = this.#laneBytes;
    // Between two buffers vector loads and stores may reach beyond the one, as they may in shared memory.
    this.#laneBytes += roundUp(bytes + 64, 64);
    return LANE_MEMORY + offset;
  }

  /** Has the buffer set to zero by `clear`. */
  keepZero(offset: number, bytes: number): void {
    this.#zeroed.push({ offset, bytes });
  }

  /** Allocates the threads' own memory, when all has been handed out. */
  placeLanes(): LaneMemory {
    const step = roundUp(this.#laneBytes, 4096) + 4096 / 2;
    this.#lanes = { offset: this.memory.allocate(this.threads * step), step };
    return this.#lanes;
  }

  /** Makes memory as it was when this workspace was new, as far as that matters. */
  clear(): void {
    for (const { offset, bytes } of this.#zeroed) {
      if (offset < LANE_MEMORY) this.memory.bytes(offset, bytes).fill(0);
      else
        for (let lane = 0; lane < this.threads; lane++) {
          const start = this.#lanes.offset + lane * this.#lanes.step + offset - LANE_MEMORY;
          this.memory.bytes(start, bytes).fill(0);
        }
    }
  }
}
