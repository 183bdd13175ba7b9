import type { Observation, StepResult } from '../engine.ts';
import { blockImages } from './kernels/kernel-set.ts';
import type { SharedMemory } from './memory.ts';
import type { Plan } from './plan.ts';
import type { Rows } from './rows.ts';

/** What a training step has left in memory. */
export function stepResult(memory: SharedMemory, plan: Plan, images: number, observe: boolean): StepResult {
  const blocks = Math.ceil(images / blockImages(memory.kernels));
  const crossEntropy = sum(memory.doubles(plan.losses, blocks)) / images;
  const weightLosses = new Map(
    plan.parameters.map(({ layer, weights }) => {
      const squares = plan.chunks
        .filter(({ variable }) => variable === weights)
        .map((chunk) => memory.doubles(chunk.squares, 1)[0]!);
      return [layer.name, layer.weightDecay === 0 ? 0 : (layer.weightDecay * sum(squares)) / 2];
    }),
  );
  return {
    totalLoss: crossEntropy + sum([...weightLosses.values()]),
    crossEntropy,
    weightLosses,
    accuracy: sum(memory.integers(plan.hits, blocks)) / images,
    ...(observe ? { observed: observation(memory, plan, images) } : {}),
  };
}

function observation(memory: SharedMemory, plan: Plan, images: number): Observation {
  const variables = plan.parameters.flatMap(({ weights, biases }) => [weights, biases]);
  return {
    gradients: new Map(
      variables.map(({ name, size, totalGradient }) => [
        name,
        Float32Array.from(memory.floats(totalGradient, size)),
      ]),
    ),
    activations: new Map(
      [...plan.activations].map(([layer, rows]) => [layer, readRows(memory, rows, images)]),
    ),
  };
}

/** A copy of the first rows, without what is between them. */
function readRows(memory: SharedMemory, { offset, count, step }: Rows, rows: number): Float32Array {
  const values = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) values.set(memory.floats(offset + row * step, count), row * count);
  return values;
}

function sum(values: ArrayLike<number>): number {
  return Array.from(values).reduce((total, value) => total + value, 0);
}
