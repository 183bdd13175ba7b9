import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { KernelSet } from '../../src/engine/simd/kernels/kernel-set.ts';
import {
  type Call,
  type CallOf,
  KERNELS,
  type KernelName,
} from '../../src/engine/simd/kernels/signatures.ts';
import { SharedMemory } from '../../src/engine/simd/memory.ts';
import { callsOf, encodeProgram } from '../../src/engine/simd/program.ts';
import { runPhase } from '../../src/engine/simd/run-phase.ts';
import { Arena } from './arena.ts';
import { Expected } from './expected.ts';
import { TESTS } from './references.ts';
import { MODULES } from './sets.ts';

const RUNS = 60;

function test<Name extends KernelName>(kernel: Name, memory: SharedMemory, run: (call: Call) => void): void {
  const set: KernelSet = memory.kernels;
  const { draw, reference } = TESTS[kernel];
  const property = fc.property(fc.gen(), (generator) => {
    const arena = new Arena(memory, generator);
    const call: CallOf<Name> = draw(arena, set);
    const before = arena.snapshot();
    const expected = new Expected();
    reference(call, before, expected, set);
    run(call as Call);
    expected.verify(before, arena.snapshot());
  });
  fc.assert(property, { numRuns: RUNS });
}

describe.each(MODULES)('$target, $build', ({ kernels, code }) => {
  const memory = new SharedMemory(kernels);
  const makeCalls = kernels.open(code, memory.memory);
  const run = (call: Call) => {
    const program = encodeProgram([[[call]]]);
    runPhase(makeCalls, program, callsOf(program, 0), 0);
  };

  it.each(KERNELS)('%s computes what its reference does, and writes nothing else', (kernel) => {
    test(kernel, memory, run);
  });
});
