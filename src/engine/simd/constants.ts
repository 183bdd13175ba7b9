import type { SharedMemory } from './memory.ts';

/** Offsets of float32 values that kernels take. */
export interface Constants {
  /** As many as a layer may have inputs. */
  readonly zeros: number;
  /** The lowest outputs of a layer, by its activation. */
  readonly floor: Readonly<Record<'relu' | 'none', number>>;
}

export function placeConstants(memory: SharedMemory, zeros: number): Constants {
  return {
    zeros: memory.allocate(4 * zeros),
    floor: {
      relu: memory.place(Float32Array.of(0)),
      none: memory.place(Float32Array.of(Number.NEGATIVE_INFINITY)),
    },
  };
}
