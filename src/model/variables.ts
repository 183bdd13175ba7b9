import { randomStream } from '../random.ts';
import { averageName, biasesName, weightsName } from './names.ts';
import { type Network, outputCount, weightedLayers, weightShape } from './network.ts';

/** A trainable variable of the network; values are float32, row-major. */
export interface TrainableVariable {
  readonly name: string;
  readonly layer: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly initializer: Initializer;
}

export type Initializer =
  | { readonly kind: 'truncated_normal'; readonly stddev: number }
  | { readonly kind: 'constant'; readonly value: number };

/** Weights and biases of all layers, in forward order: `conv1/weights`, `conv1/biases`, `conv2/weights`, ... */
export function trainableVariables(network: Network): TrainableVariable[] {
  return weightedLayers(network).flatMap((layer) => {
    const variable = (name: string, shape: readonly number[], initializer: Initializer) => ({
      name,
      layer: layer.name,
      shape,
      size: shape.reduce((product, extent) => product * extent, 1),
      initializer,
    });
    return [
      variable(weightsName(layer.name), weightShape(layer), {
        kind: 'truncated_normal',
        stddev: layer.weightStddev,
      }),
      variable(biasesName(layer.name), [outputCount(layer)], { kind: 'constant', value: layer.biasInit }),
    ];
  });
}

/** Initial values of all trainable variables and of their moving averages, which start equal to them, by name. A function of the seed. */
export function initialValues(network: Network, seed: number): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const variable of trainableVariables(network)) {
    const initial = initialValue(variable, seed);
    values.set(variable.name, initial);
    values.set(averageName(variable.name), initial.slice());
  }
  return values;
}

function initialValue({ name, size, initializer }: TrainableVariable, seed: number): Float32Array {
  if (initializer.kind === 'constant') return new Float32Array(size).fill(initializer.value);
  const stream = randomStream(seed, 'initial value', name);
  const truncatedNormal = () => {
    let draw = stream.normal();
    while (Math.abs(draw) > 2) draw = stream.normal();
    return draw * initializer.stddev;
  };
  return Float32Array.from({ length: size }, truncatedNormal);
}
