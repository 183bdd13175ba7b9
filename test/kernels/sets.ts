import type { Call } from '../../src/engine/simd/kernels/signatures.ts';
import type { SharedMemory } from '../../src/engine/simd/memory.ts';
import { compileKernels, instantiateKernels } from '../../src/engine/simd/module.ts';
import { callsOf, encodeProgram } from '../../src/engine/simd/program.ts';
import { TaskRunner } from '../../src/engine/simd/task-runner.ts';

/** What the tests of kernels ask of a set of kernels. */
export interface SetUnderTest {
  readonly name: string;
  /** Values of a vector: rows are computed, and filled up, in multiples of these. */
  readonly lanes: number;
  /** Channels that dense kernels compute together, and taps whose dense weight gradients are computed together. */
  readonly block: number;
  /** What makes one call, the way programs make it. */
  open(memory: SharedMemory): (call: Call) => void;
}

/** Every set of kernels, and every build of it: the same tests ask them all. */
export const SETS: readonly SetUnderTest[] = [webAssembly(true), webAssembly(false)];

function webAssembly(relaxed: boolean): SetUnderTest {
  const { module } = compileKernels(relaxed);
  return {
    name: relaxed ? 'WebAssembly, relaxed SIMD' : 'WebAssembly, plain SIMD',
    lanes: 4,
    block: 3,
    open: ({ memory }) => {
      const runner = new TaskRunner(instantiateKernels(module, memory));
      return (call) => {
        const program = encodeProgram([[[call]]]);
        runner.runPhase(program, callsOf(program, 0), 0);
      };
    },
  };
}
