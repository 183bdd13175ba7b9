import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Control } from './control.ts';
import { kernelSetNamed } from './kernels/kernel-sets.ts';
import { callsOf, phaseCount } from './program.ts';
import { runPhase } from './run-phase.ts';
import type { LoadedProgram, TeamWorkerData } from './team.ts';

const { kernels, code, memory, control: words, thread } = workerData as TeamWorkerData;
const control = new Control(words);
const makeCalls = kernelSetNamed(kernels).open(code, memory);
const programs = new Map<number, { words: Int32Array; calls: Int32Array }>();

// `| 0` makes the number wrap around as the 32-bit counter in shared memory does.
for (let run = 0; ; run = (run + 1) | 0) {
  const { words, calls } = programOf(control.awaitRunAfter(run));
  for (let phase = 0; phase < phaseCount(words); phase++) {
    runPhase(makeCalls, words, calls, phase);
    control.awaitPhase(control.arrive(), Number.POSITIVE_INFINITY);
  }
}

/** Reads all messages, then returns the program. Messages sent before a run started have arrived when it starts. */
function programOf(id: number) {
  for (let sent = receiveMessageOnPort(parentPort!); sent; sent = receiveMessageOnPort(parentPort!)) {
    const { id, words } = sent.message as Pick<LoadedProgram, 'id'> & Partial<LoadedProgram>;
    if (words) programs.set(id, { words, calls: callsOf(words, thread) });
    else programs.delete(id);
  }
  return programs.get(id)!;
}
