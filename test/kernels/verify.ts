import fc from 'fast-check';
import type { KernelModule, KernelSet } from '../../src/engine/simd/kernels/kernel-set.ts';
import type { Call, CallOf, KernelName } from '../../src/engine/simd/kernels/signatures.ts';
import { SharedMemory } from '../../src/engine/simd/memory.ts';
import { callsOf, encodeProgram } from '../../src/engine/simd/program.ts';
import { runPhase } from '../../src/engine/simd/run-phase.ts';
import { Arena } from './arena.ts';
import { Expected } from './expected.ts';
import { TESTS } from './references.ts';

/** Returns a function that fails unless a kernel computes what its reference does on `runs` random shapes, and writes nothing else. */
export function verifierOf({ kernels, code }: KernelModule, runs: number): (kernel: KernelName) => void {
  const memory = new SharedMemory(kernels);
  const makeCalls = kernels.open(code, memory.memory);
  const run = (call: Call) => {
    const program = encodeProgram([[[call]]]);
    runPhase(makeCalls, program, callsOf(program, 0), 0);
  };
  return (kernel) => verify(kernel, memory, run, runs);
}

function verify<Name extends KernelName>(
  kernel: Name,
  memory: SharedMemory,
  run: (call: Call) => void,
  numRuns: number,
): void {
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
  fc.assert(property, { numRuns });
}
