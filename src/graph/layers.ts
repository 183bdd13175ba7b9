import type { ConnectedLayer } from '../model/connected-layers.ts';
import { biasesName, flatName, layerOutputName, maskedWeightName } from '../model/names.ts';
import type {
  AddLayer,
  Conv2dLayer,
  FullyConnectedLayer,
  LrnLayer,
  MaxPoolLayer,
  WeightedLayer,
} from '../model/network.ts';
import { DataType, type NodeDef } from '../wire/protos.ts';
import { floatAttr, intAttr, intListAttr, stringAttr, typeAttr } from './attributes.ts';
import { constant, node, withOutputShape } from './node.ts';
import { readName } from './variables.ts';

/** A tensor inside the graph: the node that gives it, and its shape with -1 for the batch. */
export interface Flow {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface LayerNodes {
  readonly nodes: readonly NodeDef[];
  readonly output: Flow;
}

const T = { T: typeAttr(DataType.DT_FLOAT) };
const NHWC = { data_format: stringAttr('NHWC') };
const SAME = { padding: stringAttr('SAME') };
const CHANNELS = 3;
const window = (extent: number) => intListAttr([1, extent, extent, 1]);

/**
 * The forward operations of one layer, as TensorFlow names them. The batch stays open, so that the graph takes any number of images.
 *
 * @param inputs what it reads, in its own order
 */
export function layerNodes({ layer, ...connected }: ConnectedLayer, inputs: readonly Flow[]): LayerNodes {
  const shape = [-1, ...connected.shape];
  const names = inputs.map(({ name }) => name);
  const [first] = inputs as readonly [Flow, ...Flow[]];
  switch (layer.kind) {
    case 'conv2d':
      return inShape(conv2d(layer, first.name), shape);
    case 'max_pool':
      return inShape([maxPool(layer, first.name)], shape);
    case 'lrn':
      return inShape([lrn(layer, first.name)], shape);
    case 'add':
      return inShape(add(layer, names), shape);
    case 'concat':
      return concat(layer.name, names, shape);
    case 'fully_connected': {
      const flat = flatten(layer.name, first);
      const { nodes, output } = inShape(fullyConnected(layer, flat.output.name), shape);
      return { nodes: [...flat.nodes, ...nodes], output };
    }
  }
}

/** Images as rows of their values; rows as they are. @param layer in whose scope the operations are */
export function flatten(layer: string, input: Flow): LayerNodes {
  if (input.shape.length === 2) return { nodes: [], output: input };
  const values = input.shape.slice(1).reduce((product, extent) => product * extent, 1);
  const name = flatName(layer);
  const extents = Int32Array.of(-1, values);
  const shape = constant(`${name}/shape`, { dtype: 'int32', shape: [2], data: extents });
  const attributes = { ...T, Tshape: typeAttr(DataType.DT_INT32) };
  const reshape = node(name, 'Reshape', [input.name, shape.name], attributes);
  const { nodes, output } = inShape([reshape], [-1, values]);
  return { nodes: [shape, ...nodes], output };
}

function conv2d(layer: Conv2dLayer, input: string): NodeDef[] {
  const { name, stride } = layer;
  const attributes = { ...T, ...NHWC, ...SAME, strides: window(stride), dilations: window(1) };
  const convolution = node(`${name}/Conv2D`, 'Conv2D', [input, maskedWeightName(name)], attributes);
  const end = endOfLayer(layer, 'BiasAdd', (output) =>
    node(output, 'BiasAdd', [convolution.name, readName(biasesName(name))], { ...T, ...NHWC }),
  );
  return [convolution, ...end];
}

function maxPool({ name, size, stride }: MaxPoolLayer, input: string): NodeDef {
  return node(name, 'MaxPool', [input], {
    ...T,
    ...NHWC,
    ...SAME,
    ksize: window(size),
    strides: window(stride),
  });
}

function lrn({ name, depthRadius, bias, alpha, beta }: LrnLayer, input: string): NodeDef {
  return node(name, 'LRN', [input], {
    ...T,
    depth_radius: intAttr(depthRadius),
    bias: floatAttr(bias),
    alpha: floatAttr(alpha),
    beta: floatAttr(beta),
  });
}

/** ((a + b) + c)..., and the activation; whichever is last has the layer's name. */
function add({ name, activation }: AddLayer, [first, ...others]: readonly string[]): NodeDef[] {
  const isOutput = (number: number) => activation === 'none' && number === others.length - 1;
  const nameOf = (number: number) =>
    isOutput(number) ? name : number === 0 ? `${name}/add` : `${name}/add_${number}`;
  const sums = others.map((other, number) =>
    node(nameOf(number), 'AddV2', [number === 0 ? first! : nameOf(number - 1), other], T),
  );
  return activation === 'none' ? sums : [...sums, node(name, 'Relu', [sums.at(-1)!.name], T)];
}

function concat(name: string, inputs: readonly string[], shape: readonly number[]): LayerNodes {
  const axis = constant(`${name}/axis`, { dtype: 'int32', shape: [], data: Int32Array.of(CHANNELS) });
  const joined = node(name, 'ConcatV2', [...inputs, axis.name], {
    ...T,
    N: intAttr(inputs.length),
    Tidx: typeAttr(DataType.DT_INT32),
  });
  const { nodes, output } = inShape([joined], shape);
  return { nodes: [axis, ...nodes], output };
}

function fullyConnected(layer: FullyConnectedLayer, input: string): NodeDef[] {
  const { name } = layer;
  const product = node(`${name}/MatMul`, 'MatMul', [input, maskedWeightName(name)], T);
  const end = endOfLayer(layer, 'add', (output) =>
    node(output, 'Add', [product.name, readName(biasesName(name))], T),
  );
  return [product, ...end];
}

/** The addition of the biases and the activation, if there is one; whichever is last has the layer's output name. */
function endOfLayer(
  { name, activation }: WeightedLayer,
  sumName: string,
  addBiases: (output: string) => NodeDef,
): NodeDef[] {
  if (activation === 'none') return [addBiases(layerOutputName(name))];
  const sum = addBiases(`${name}/${sumName}`);
  return [sum, node(layerOutputName(name), 'Relu', [sum.name], T)];
}

function inShape(nodes: readonly NodeDef[], shape: readonly number[]): LayerNodes {
  const shaped = nodes.map((plain) => withOutputShape(plain, shape));
  return { nodes: shaped, output: { name: shaped.at(-1)!.name, shape } };
}
