import { roundUp, type SharedMemory } from '../memory.ts';
import type { Phase, Task } from '../program.ts';
import type { LayerParameters, Variable } from './parameters.ts';

/** Values of a variable that one task updates. */
const CHUNK = 16_384;

/** A part of a variable's values, and where the sum of their squares goes, float64. */
export interface UpdateChunk {
  readonly variable: Variable;
  readonly first: number;
  readonly count: number;
  readonly squares: number;
}

export function updateChunks(memory: SharedMemory, parameters: readonly LayerParameters[]): UpdateChunk[] {
  return parameters.flatMap(({ weights, biases }) =>
    [weights, biases].flatMap((variable) =>
      Array.from({ length: Math.ceil(variable.size / CHUNK) }, (_, chunk) => ({
        variable,
        first: chunk * CHUNK,
        count: roundUp(Math.min(CHUNK, variable.size - chunk * CHUNK), memory.kernels.lanes),
        squares: memory.allocate(8),
      })),
    ),
  );
}

/**
 * One step of gradient descent, with weight decay and moving averages.
 *
 * @param step offset of the learning rate and of 1 - decay of the averages
 * @param observe whether to keep the gradients of the total loss, too
 */
export function descentPhase(chunks: readonly UpdateChunk[], step: number, observe: boolean): Phase {
  return chunks.map(({ variable, first, count, squares }): Task => {
    const { values, gradient, average, decay, totalGradient } = variable;
    const at = 4 * first;
    return [
      {
        kernel: 'descend',
        weights: values + at,
        gradient: gradient + at,
        average: average + at,
        count,
        step,
        decay,
        squares,
        total: observe ? totalGradient + at : 0,
      },
    ];
  });
}
