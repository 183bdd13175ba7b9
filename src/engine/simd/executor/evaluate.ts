import type { GraphPlan } from '../../graph-plan.ts';
import { SharedMemory } from '../memory.ts';
import { instantiateKernels, type KernelModule } from '../module.ts';
import { callsOf, encodeProgram, phaseCount } from '../program.ts';
import { TaskRunner } from '../task-runner.ts';
import { compile } from './compiler.ts';
import { PlacedGraph } from './placed-graph.ts';
import { sizeOf } from './plain.ts';

/** The output of a plan without a placeholder. */
export function evaluateOnThisThread(plan: GraphPlan, { module }: KernelModule): Float32Array {
  const memory = new SharedMemory();
  const { program, output, workspace } = compile(new PlacedGraph(memory, plan), 1, 1);
  const words = encodeProgram(program, workspace.placeThreadMemory());
  const runner = new TaskRunner(instantiateKernels(module, memory.memory));
  const calls = callsOf(words, 0);
  for (let phase = 0; phase < phaseCount(words); phase++) runner.runPhase(words, calls, phase);
  return memory.floats(output.offset, sizeOf(output.shape)).slice();
}
