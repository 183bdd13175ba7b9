import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Control, Lane } from './lane.ts';
import { instantiateKernels } from './module.ts';
import { phaseCount } from './program.ts';
import type { LoadedProgram, TeamWorkerData } from './team.ts';

const { module, memory, control: words } = workerData as TeamWorkerData;
const control = new Control(words);
const lane = new Lane(instantiateKernels(module, memory));
const programs = new Map<number, Int32Array>();

for (let run = 1; ; run++) {
  const program = programOf(control.awaitRun(run));
  for (let phase = 0; phase < phaseCount(program); phase++) {
    lane.runPhase(program, phase);
    control.awaitPhase(control.arrive(), Number.POSITIVE_INFINITY);
  }
}

/** Messages that were sent before a run started have arrived when it starts. */
function programOf(id: number): Int32Array {
  for (let sent = receiveMessageOnPort(parentPort!); sent; sent = receiveMessageOnPort(parentPort!)) {
    const { id, words } = sent.message as Partial<LoadedProgram> & { id: number };
    if (words) programs.set(id, words);
    else programs.delete(id);
  }
  return programs.get(id)!;
}
