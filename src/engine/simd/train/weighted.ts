import type { Correlation } from '../correlation.ts';
import type { Task } from '../program.ts';
import type { LayerParameters, Variable } from './parameters.ts';

/** A layer with weights, as the parts of a step see it that are the same for all of them. */
export interface WeightedLayerPlan {
  readonly parameters: LayerParameters;
  /** The passes that read its weights, the forward one first. */
  readonly correlations: readonly Correlation[];
  /** Puts the gradients that the backward pass left, in so many slices, into the variables' order. */
  gatherTasks(slices: number): Task[];
}

/** Sums the slices' gradients of a bias vector, side by side, in their order. */
export function gatherBiases({ size, gradient }: Variable, slices: number, sliceCount: number): Task {
  return [{ kernel: 'sumSlices', slices, slice: 4 * size, sliceCount, target: gradient, count: size }];
}
