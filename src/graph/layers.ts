import { biasesName, layerOutputName, maskedWeightName } from '../model/names.ts';
import type {
  Conv2dLayer,
  FullyConnectedLayer,
  Layer,
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
const window = (extent: number) => intListAttr([1, extent, extent, 1]);

/** The forward operations of one layer, as TensorFlow names them. */
export function layerNodes(layer: Layer, input: Flow): LayerNodes {
  switch (layer.kind) {
    case 'conv2d':
      return conv2d(layer, input);
    case 'max_pool':
      return maxPool(layer, input);
    case 'lrn':
      return lrn(layer, input);
    case 'fully_connected':
      return fullyConnected(layer, input);
  }
}

function conv2d(layer: Conv2dLayer, input: Flow): LayerNodes {
  const { name, kernel, stride } = layer;
  const [batch, height, width] = input.shape;
  const shape = [batch!, Math.ceil(height! / stride), Math.ceil(width! / stride), kernel[3]];
  const attributes = { ...T, ...NHWC, ...SAME, strides: window(stride), dilations: window(1) };
  const convolution = node(`${name}/Conv2D`, 'Conv2D', [input.name, maskedWeightName(name)], attributes);
  const end = endOfLayer(layer, 'BiasAdd', (output) =>
    node(output, 'BiasAdd', [convolution.name, readName(biasesName(name))], { ...T, ...NHWC }),
  );
  return inShape([convolution, ...end], shape);
}

function maxPool({ name, size, stride }: MaxPoolLayer, input: Flow): LayerNodes {
  const [batch, height, width, channels] = input.shape;
  const shape = [batch!, Math.ceil(height! / stride), Math.ceil(width! / stride), channels!];
  const attributes = { ...T, ...NHWC, ...SAME, ksize: window(size), strides: window(stride) };
  return inShape([node(name, 'MaxPool', [input.name], attributes)], shape);
}

function lrn({ name, depthRadius, bias, alpha, beta }: LrnLayer, input: Flow): LayerNodes {
  const attributes = {
    ...T,
    depth_radius: intAttr(depthRadius),
    bias: floatAttr(bias),
    alpha: floatAttr(alpha),
    beta: floatAttr(beta),
  };
  return inShape([node(name, 'LRN', [input.name], attributes)], input.shape);
}

function fullyConnected(layer: FullyConnectedLayer, input: Flow): LayerNodes {
  const { name, inputs, outputs } = layer;
  const flat = input.shape.length === 2 ? { nodes: [], output: input } : flatten(name, input, inputs);
  const product = node(`${name}/MatMul`, 'MatMul', [flat.output.name, maskedWeightName(name)], T);
  const end = endOfLayer(layer, 'add', (output) =>
    node(output, 'Add', [product.name, readName(biasesName(name))], T),
  );
  const { nodes, output } = inShape([product, ...end], [-1, outputs]);
  return { nodes: [...flat.nodes, ...nodes], output };
}

/** The batch stays open, so that the graph takes any number of images. */
function flatten(layer: string, input: Flow, inputs: number): LayerNodes {
  const extents = Int32Array.of(-1, inputs);
  const shape = constant(`${layer}/Reshape/shape`, { dtype: 'int32', shape: [2], data: extents });
  const attributes = { ...T, Tshape: typeAttr(DataType.DT_INT32) };
  const reshape = node(`${layer}/Reshape`, 'Reshape', [input.name, shape.name], attributes);
  const { nodes, output } = inShape([reshape], [-1, inputs]);
  return { nodes: [shape, ...nodes], output };
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
