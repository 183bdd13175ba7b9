import type { GraphPlan } from '../../graph-plan.ts';
import type { KernelModule } from '../kernels/kernel-set.ts';
import { SharedMemory } from '../memory.ts';
import { callsOf, encodeProgram, phaseCount } from '../program.ts';
import { runPhase } from '../run-phase.ts';
import { ConstantWeights } from './constant-weights.ts';
import { compile } from './inference.ts';
import { PlacedGraph } from './placed-graph.ts';
import { sizeOf } from './plain-tensor.ts';

/** Computes the output of a plan that has no placeholder. */
export function evaluateOnThisThread(plan: GraphPlan, { kernels, code }: KernelModule): Float32Array {
  const memory = new SharedMemory(kernels);
  const { program, output, workspace } = compile(
    new PlacedGraph(memory, plan, new ConstantWeights(memory, plan)),
    1,
    1,
  );
  const words = encodeProgram(program, workspace.placeThreadMemory());
  const makeCalls = kernels.open(code, memory.memory);
  const calls = callsOf(words, 0);
  for (let phase = 0; phase < phaseCount(words); phase++) runPhase(makeCalls, words, calls, phase);
  return memory.floats(output.offset, sizeOf(output.shape)).slice();
}
