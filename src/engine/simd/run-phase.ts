import type { MakeCalls } from './kernels/kernel-set.ts';
import { takeTask } from './program.ts';

/**
 * Takes free tasks of a phase and runs them on this thread until none is left.
 *
 * @param calls the program for this thread, as `callsOf` returns it
 */
export function runPhase(makeCalls: MakeCalls, program: Int32Array, calls: Int32Array, phase: number): void {
  for (let task = takeTask(program, phase); task; task = takeTask(program, phase)) {
    const [begin, end] = task;
    makeCalls(calls, begin, end);
  }
}
