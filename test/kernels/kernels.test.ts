import fc from 'fast-check';
import { describe, it } from 'vitest';
import {
  type Call,
  type CallOf,
  KERNELS,
  type KernelName,
} from '../../src/engine/simd/kernels/signatures.ts';
import { Arena, MEMORY } from './arena.ts';
import { Expected } from './expected.ts';
import type { KernelTests } from './kernel-test.ts';
import { convolution } from './reference/convolution.ts';
import { elementWise } from './reference/element-wise.ts';
import { gradients } from './reference/gradients.ts';
import { layout } from './reference/layout.ts';
import { loss } from './reference/loss.ts';
import { normalization } from './reference/normalization.ts';
import { packing } from './reference/packing.ts';
import { pooling } from './reference/pooling.ts';
import { SETS, type SetUnderTest } from './sets.ts';

/** One a kernel; a kernel without a test does not compile. */
const TESTS: KernelTests<KernelName> = {
  ...convolution,
  ...elementWise,
  ...gradients,
  ...layout,
  ...loss,
  ...normalization,
  ...packing,
  ...pooling,
};

const RUNS = 60;

function test<Name extends KernelName>(kernel: Name, set: SetUnderTest, run: (call: Call) => void): void {
  const { draw, reference } = TESTS[kernel];
  const property = fc.property(fc.gen(), (generator) => {
    const arena = new Arena(generator);
    const call: CallOf<Name> = draw(arena, set);
    const before = arena.snapshot();
    const expected = new Expected();
    reference(call, before, expected, set);
    run(call as Call);
    expected.verify(before, arena.snapshot());
  });
  fc.assert(property, { numRuns: RUNS });
}

describe.each(SETS)('$name', (set) => {
  const run = set.open(MEMORY);
  it.each(KERNELS)('%s computes what its reference does, and writes nothing else', (kernel) => {
    test(kernel, set, run);
  });
});
