import { CACHE_LINE, roundUp, type SharedMemory } from './memory.ts';

/** Where in a batch a task is. */
export interface Position {
  readonly image: number;
  /** The fixed part of the batch that one task computes. */
  readonly slice: number;
  /** The image's number within the few whose weight gradients are summed in one go. */
  readonly slot: number;
}

/** Parts of a batch whose weight gradients are summed apart: fixed, so that results do not depend on the number of threads. */
export const SLICES = 16;

/** Images whose weight gradients are summed in one go: enough to keep sums in registers, few enough for the second-level cache. */
export const SLOTS = 4;

/** Equal buffers side by side. */
export interface Buffer {
  /** Bytes from one to the next. */
  readonly step: number;
  at(position: Position): number;
}

/** Hands out buffers for a batch that is computed in slices. */
export class Buffers {
  readonly memory: SharedMemory;
  readonly #images: number;

  constructor(memory: SharedMemory, images: number) {
    this.memory = memory;
    this.#images = images;
  }

  /** For what the backward pass needs of the forward pass. */
  perImage(bytes: number): Buffer {
    return this.#allocate(bytes, this.#images, ({ image }) => image);
  }

  /** For what is used up within one image's pass. */
  perSlice(bytes: number): Buffer {
    return this.#allocate(bytes, SLICES, ({ slice }) => slice);
  }

  /** For gradients that wait until those of some images are summed. */
  perSlot(bytes: number): Buffer {
    return this.#allocate(bytes, SLICES * SLOTS, ({ slice, slot }) => slice * SLOTS + slot);
  }

  #allocate(bytes: number, count: number, number: (position: Position) => number): Buffer {
    const step = roundUp(bytes, CACHE_LINE);
    const base = this.memory.allocate(step * count);
    return { step, at: (position) => base + step * number(position) };
  }
}
