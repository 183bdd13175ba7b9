import type { Correlation } from '../correlation.ts';
import type { Task } from '../program.ts';
import type { LayerParameters, Variable } from './parameters.ts';

/** What the phases that all layers with weights share (packing, gathering gradients) need to know of such a layer. */
export interface TrainedLayer {
  readonly parameters: LayerParameters;
  /** The correlations that read its weights, that of the forward pass first. */
  readonly correlations: readonly Correlation[];
  /** Tasks that sum the gradients of `slices` slices into the variables' gradients, in TensorFlow's order. */
  gatherTasks(slices: number): Task[];
}

/** Sums a bias vector's gradients over slices, in the order of slices. @param slices address of the first; the others follow it */
export function gatherBiases({ size, gradient }: Variable, slices: number, sliceCount: number): Task {
  return [{ kernel: 'sumSlices', slices, slice: 4 * size, sliceCount, target: gradient, count: size }];
}
