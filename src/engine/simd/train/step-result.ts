import type { Observation, StepResult } from '../../engine.ts';
import type { SharedMemory } from '../memory.ts';
import type { TrainingGraph } from './training-graph.ts';

/** Reads the results of a training step from memory. */
export function stepResult(memory: SharedMemory, graph: TrainingGraph, observe: boolean): StepResult {
  const { images, blocks } = graph;
  const crossEntropy = sum(memory.doubles(graph.losses, blocks)) / images;
  const weightLosses = new Map(
    graph.parameters.map(({ layer, weights }) => {
      const squares = graph.chunks
        .filter(({ variable }) => variable === weights)
        .map((chunk) => memory.doubles(chunk.squares, 1)[0]!);
      return [layer.name, layer.weightDecay === 0 ? 0 : (layer.weightDecay * sum(squares)) / 2];
    }),
  );
  return {
    totalLoss: crossEntropy + sum([...weightLosses.values()]),
    crossEntropy,
    weightLosses,
    accuracy: sum(memory.integers(graph.hits, blocks)) / images,
    ...(observe ? { observed: observation(memory, graph) } : {}),
  };
}

function observation(memory: SharedMemory, { images, parameters, observed }: TrainingGraph): Observation {
  const variables = parameters.flatMap(({ weights, biases }) => [weights, biases]);
  const copy = (offset: number, size: number) => Float32Array.from(memory.floats(offset, size));
  return {
    gradients: new Map(variables.map(({ name, size, totalGradient }) => [name, copy(totalGradient, size)])),
    activations: new Map(observed.map(({ layer, offset, count }) => [layer, copy(offset, images * count)])),
  };
}

function sum(values: ArrayLike<number>): number {
  return Array.from(values).reduce((total, value) => total + value, 0);
}
