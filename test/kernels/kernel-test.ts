import type { KernelSet } from '../../src/engine/simd/kernels/kernel-set.ts';
import type { CallOf, KernelName } from '../../src/engine/simd/kernels/signatures.ts';
import type { Arena, Reader } from './arena.ts';
import type { Outcome } from './outcome.ts';

/** How a kernel is tested. */
export interface KernelTest<Name extends KernelName> {
  /** Draws a shape, places what the kernel reads and gives the call. */
  draw(arena: Arena, set: KernelSet): CallOf<Name>;
  /**
   * What the kernel's documentation in assembly/ says, in plain loops of float64.
   *
   * @param before memory as the call finds it
   * @param expected receives all that the call may write
   */
  reference(call: CallOf<Name>, before: Reader, expected: Outcome, set: KernelSet): void;
}

export type KernelTests<Names extends KernelName> = { readonly [Name in Names]: KernelTest<Name> };

/** The values that a row of so many takes, whole vectors of them. */
export function filled(count: number, { lanes }: KernelSet): number {
  return lanes * Math.ceil(count / lanes);
}
