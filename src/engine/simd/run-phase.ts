import type { MakeCalls } from './kernels/kernel-set.ts';
import { takeTask } from './program.ts';

/**
 * Takes tasks of a phase and runs them on the calling thread until none is left.
 *
 * @param calls what `callsOf` gives for this thread
 */
export function runPhase(makeCalls: MakeCalls, program: Int32Array, calls: Int32Array, phase: number): void {
  for (let task = takeTask(program, phase); task; task = takeTask(program, phase)) {
    const [begin, end] = task;
    makeCalls(calls, begin, end);
  }
}
