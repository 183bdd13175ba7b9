import { type ConnectedLayer, connectLayers, logitsName } from '../model/connected-layers.ts';
import { valuesIn } from '../model/layer-inputs.ts';
import {
  biasesName,
  flatName,
  INPUT_NODE,
  layerOutputName,
  maskedWeightName,
  maskName,
  weightsName,
} from '../model/names.ts';
import {
  type AddLayer,
  type Network,
  outputCount,
  type WeightedLayer,
  weightedLayers,
  weightShape,
} from '../model/network.ts';
import type { Computation, Extents, GraphPlan, PlannedOperation, Variable } from './graph-plan.ts';

/** The forward pass of a network. Weights, masks and biases are variables, named as in checkpoints. */
export interface NetworkPlan {
  /** The output is the logits, [batch, classes]. */
  readonly plan: GraphPlan<Computation | Variable>;
  /** From a layer's name to the index of the operation that gives its output, after bias and activation. */
  readonly outputs: ReadonlyMap<string, number>;
  /** From a mask's name to the name of its weights. */
  readonly weightsOf: ReadonlyMap<string, string>;
}

type NetworkOperation = PlannedOperation<Computation | Variable>;

const OPEN = -1;
const CHANNELS = 3;

/** Writes a network as a plan. @throws UserError `network` as `connectLayers` does */
export function networkPlan(network: Network): NetworkPlan {
  const layers = connectLayers(network);
  const builder = new PlanBuilder(network.input);
  for (const layer of layers) builder.add(layer);
  const last = builder.outputs.get(layers.at(-1)!.layer.name)!;
  const output = builder.flatten(last, logitsName(network));
  const weightsOf = new Map(weightedLayers(network).map(({ name }) => [maskName(name), weightsName(name)]));
  return { plan: { operations: builder.operations, output }, outputs: builder.outputs, weightsOf };
}

/** The values that a network computes with, row-major. */
export interface NetworkValues {
  /** By variable name. */
  readonly variables: ReadonlyMap<string, Float32Array>;
  /** By the name of the weights. */
  readonly masks: ReadonlyMap<string, Float32Array>;
}

/** The plan with each variable replaced by a constant of its present value. */
export function frozenPlan(
  { plan: { operations, output }, weightsOf }: NetworkPlan,
  { variables, masks }: NetworkValues,
): GraphPlan {
  const frozen = ({ name, compute, shape, inputs }: NetworkOperation): PlannedOperation => {
    if (compute.op !== 'VariableV2') return { name, compute, shape, inputs };
    const weights = weightsOf.get(name);
    const values = weights === undefined ? variables.get(name)! : masks.get(weights)!;
    return { name, compute: { op: 'Const', shape, values }, shape, inputs };
  };
  return { operations: operations.map(frozen), output };
}

class PlanBuilder {
  readonly operations: NetworkOperation[] = [];
  /** From a layer's name to the index of its output operation. */
  readonly outputs = new Map<string, number>();

  constructor(image: readonly number[]) {
    const images = this.#append(INPUT_NODE, { op: 'Placeholder', imageShape: image }, [], [OPEN, ...image]);
    this.outputs.set(INPUT_NODE, images);
  }

  add({ layer, inputs, shape: extents }: ConnectedLayer): void {
    const shape = [OPEN, ...extents];
    const [input, ...others] = inputs.map(({ name }) => this.outputs.get(name)!) as [number, ...number[]];
    const append = (name: string, compute: Computation, from: readonly number[]) =>
      this.#append(name, compute, from, shape);
    const output = () => {
      switch (layer.kind) {
        case 'conv2d': {
          const strides: Extents = [layer.stride, layer.stride];
          const compute: Computation = { op: 'Conv2D', strides, dilations: [1, 1], padding: 'SAME' };
          const product = append(`${layer.name}/Conv2D`, compute, [input, this.#maskedWeights(layer)]);
          return this.#endOfLayer(layer, `${layer.name}/BiasAdd`, product, shape);
        }
        case 'fully_connected': {
          const flat = this.flatten(input, flatName(layer.name));
          const compute: Computation = { op: 'MatMul', transposeA: false, transposeB: false };
          const product = append(`${layer.name}/MatMul`, compute, [flat, this.#maskedWeights(layer)]);
          return this.#endOfLayer(layer, `${layer.name}/add`, product, shape);
        }
        case 'max_pool': {
          const window: Extents = [layer.size, layer.size];
          const strides: Extents = [layer.stride, layer.stride];
          return append(layer.name, { op: 'MaxPool', window, strides, padding: 'SAME' }, [input]);
        }
        case 'lrn': {
          const { depthRadius, bias, alpha, beta } = layer;
          return append(layer.name, { op: 'LRN', depthRadius, bias, alpha, beta }, [input]);
        }
        case 'add':
          return this.#sum(layer, [input, ...others], shape);
        case 'concat':
          return append(layer.name, { op: 'ConcatV2', axis: CHANNELS }, [input, ...others]);
      }
    };
    this.outputs.set(layer.name, output());
  }

  /** Adds a Reshape to [batch, values] if the operation's result has another shape. Returns the index of the flat result. */
  flatten(input: number, name: string): number {
    const [batch, ...extents] = this.operations[input]!.shape;
    if (extents.length === 1) return input;
    const shape = [batch!, valuesIn(extents)];
    return this.#append(name, { op: 'Reshape', shape }, [input], shape);
  }

  /** Adds ((a + b) + c)... and the activation. The last of these operations takes the layer's name. */
  #sum({ name, activation }: AddLayer, inputs: readonly number[], shape: readonly number[]): number {
    const hasRelu = activation === 'relu';
    const last = inputs.length - 1;
    const nameOf = (term: number) =>
      term === last && !hasRelu ? name : term === 1 ? `${name}/add` : `${name}/add_${term - 1}`;
    const sum = inputs.reduce((so, other, term) =>
      this.#append(nameOf(term), { op: 'Add' }, [so, other], shape),
    );
    return hasRelu ? this.#append(name, { op: 'Relu' }, [sum], shape) : sum;
  }

  #maskedWeights(layer: WeightedLayer): number {
    const shape = weightShape(layer);
    const variables = [maskName(layer.name), weightsName(layer.name)].map((name) =>
      this.#variable(name, shape),
    );
    return this.#append(maskedWeightName(layer.name), { op: 'Mul' }, variables, shape);
  }

  #endOfLayer(layer: WeightedLayer, sumName: string, product: number, shape: readonly number[]): number {
    const output = layerOutputName(layer.name);
    const hasRelu = layer.activation === 'relu';
    const biases = this.#variable(biasesName(layer.name), [outputCount(layer)]);
    const sum = this.#append(hasRelu ? sumName : output, { op: 'Add' }, [product, biases], shape);
    return hasRelu ? this.#append(output, { op: 'Relu' }, [sum], shape) : sum;
  }

  #variable(name: string, shape: readonly number[]): number {
    return this.#append(name, { op: 'VariableV2' }, [], shape);
  }

  #append(
    name: string,
    compute: NetworkOperation['compute'],
    inputs: readonly number[],
    shape: readonly number[],
  ): number {
    return this.operations.push({ name, compute, inputs, shape }) - 1;
  }
}
