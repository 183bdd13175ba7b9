import type { CallOf, KernelName } from '../../src/engine/simd/kernels/signatures.ts';
import type { Arena, Snapshot } from './arena.ts';
import type { Expected } from './expected.ts';
import type { SetUnderTest } from './sets.ts';

/** How a kernel is tested. */
export interface KernelTest<Name extends KernelName> {
  /** Draws a shape, places what the kernel reads and gives the call. */
  draw(arena: Arena, set: SetUnderTest): CallOf<Name>;
  /**
   * What the kernel's documentation in assembly/ says, in plain loops of float64.
   *
   * @param before memory as the call finds it
   * @param expected receives all that the call may write
   */
  reference(call: CallOf<Name>, before: Snapshot, expected: Expected, set: SetUnderTest): void;
}

export type KernelTests<Names extends KernelName> = { readonly [Name in Names]: KernelTest<Name> };

/** The values that a row of so many takes, whole vectors of them. */
export function filled(count: number, { lanes }: SetUnderTest): number {
  return lanes * Math.ceil(count / lanes);
}
