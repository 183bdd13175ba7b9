import { averageName, biasesName, weightsName } from '../../../model/names.ts';
import {
  type Network,
  outputCount,
  type WeightedLayer,
  weightedLayers,
  weightShape,
} from '../../../model/network.ts';
import { roundUp, type SharedMemory } from '../memory.ts';

/** A trainable variable in shared memory, float32 in TensorFlow's order. `values`, `average` and the gradients are addresses. */
export interface Variable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly values: number;
  readonly average: number;
  /** d cross-entropy / d variable. */
  readonly gradient: number;
  /** d total loss / d variable; only an observed step writes it. */
  readonly totalGradient: number;
  /** Address of the weight decay, which is 0 for biases. */
  readonly decay: number;
}

export interface LayerParameters<Layer extends WeightedLayer = WeightedLayer> {
  readonly layer: Layer;
  readonly weights: Variable;
  readonly biases: Variable;
  readonly mask: number;
}

/** Allocates all variables of a network, in forward order, and masks of ones. */
export function placeParameters(memory: SharedMemory, network: Network): LayerParameters[] {
  const noDecay = memory.place(Float32Array.of(0));
  // Kernels compute whole vectors, so round up; the values beyond the last one stay zero.
  const place = (name: string, shape: readonly number[], decay: number): Variable => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const allocate = () => memory.allocate(4 * roundUp(size, memory.kernels.lanes));
    return {
      name,
      shape,
      size,
      values: allocate(),
      average: allocate(),
      gradient: allocate(),
      totalGradient: allocate(),
      decay,
    };
  };
  return weightedLayers(network).map((layer) => {
    const decay = layer.weightDecay === 0 ? noDecay : memory.place(Float32Array.of(layer.weightDecay));
    const weights = place(weightsName(layer.name), weightShape(layer), decay);
    return {
      layer,
      weights,
      biases: place(biasesName(layer.name), [outputCount(layer)], noDecay),
      mask: memory.place(new Float32Array(weights.size).fill(1)),
    };
  });
}

/** Where a variable or a moving average lies in shared memory. */
export interface VariablePlace {
  readonly offset: number;
  readonly size: number;
  readonly shape: readonly number[];
}

/** The place of each variable and each moving average, by name. */
export function variablePlaces(parameters: readonly LayerParameters[]): Map<string, VariablePlace> {
  return new Map(
    parameters.flatMap(({ weights, biases }) =>
      [weights, biases].flatMap(({ name, shape, size, values, average }) => [
        [name, { offset: values, size, shape }] as const,
        [averageName(name), { offset: average, size, shape }] as const,
      ]),
    ),
  );
}
