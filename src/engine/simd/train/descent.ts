import { roundUp, type SharedMemory } from '../memory.ts';
import type { Phase, Task } from '../program.ts';
import type { LayerParameters, Variable } from './parameters.ts';

/** The most values of a variable that one task updates. */
const CHUNK = 16_384;

/** `count` values of a variable from `first` on. `squares` is the address of the sum of their squares, float64. */
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
 * The phase that updates variables: gradient descent with weight decay, then moving averages.
 *
 * @param step address of two float32 values: the learning rate, and 1 - decay of the averages
 * @param observe whether it keeps the gradients of the total loss, too
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
