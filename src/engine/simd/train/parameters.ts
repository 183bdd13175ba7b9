import { averageName, biasesName, weightsName } from '../../../model/names.ts';
import {
  type Network,
  outputCount,
  type WeightedLayer,
  weightedLayers,
  weightShape,
} from '../../../model/network.ts';
import { roundUp, type SharedMemory } from '../memory.ts';

/** A trainable variable in shared memory; float32 in TensorFlow's order. */
export interface Variable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly values: number;
  readonly average: number;
  /** d cross-entropy / d variable. */
  readonly gradient: number;
  /** Where the gradient of the total loss goes when it is asked for. */
  readonly totalGradient: number;
  /** Offset of the weight decay, 0 for biases. */
  readonly decay: number;
}

export interface LayerParameters<Layer extends WeightedLayer = WeightedLayer> {
  readonly layer: Layer;
  readonly weights: Variable;
  readonly biases: Variable;
  readonly mask: number;
}

/** Places all variables of a network in shared memory, in forward order; masks are ones. */
export function placeParameters(memory: SharedMemory, network: Network): LayerParameters[] {
  const noDecay = memory.place(Float32Array.of(0));
  // Kernels compute whole vectors: some values beyond the last are computed with, and stay zero.
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

/** A variable or a moving average. */
export interface VariablePlace {
  readonly offset: number;
  readonly size: number;
  readonly shape: readonly number[];
}

/** Where each variable and each moving average is, by name. */
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
