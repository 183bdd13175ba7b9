import type { SharedMemory } from './memory.ts';

/** Offsets of float32 values that kernels take. */
export interface Constants {
  /** As many as a layer may have inputs. */
  readonly zeros: number;
  readonly floor: Floors;
}

/** Offsets of the lowest outputs of a layer, by its activation. */
export type Floors = Readonly<Record<'relu' | 'none', number>>;

export function placeConstants(memory: SharedMemory, zeros: number): Constants {
  return {
    zeros: memory.allocate(4 * zeros),
    floor: placeFloors(memory),
  };
}

export function placeFloors(memory: SharedMemory): Floors {
  return {
    relu: memory.place(Float32Array.of(0)),
    none: memory.place(Float32Array.of(Number.NEGATIVE_INFINITY)),
  };
}
