import { graphDef, graphVariables, intListAttr, metaGraph } from '../../src/graph/index.ts';
import { logitsName } from '../../src/model/connected-layers.ts';
import { layerOutputName, maskName } from '../../src/model/names.ts';
import type { Network } from '../../src/model/network.ts';
import { initialValues } from '../../src/model/variables.ts';
import { magnitudeMask } from '../../src/pruning/index.ts';
import { randomStream } from '../../src/random.ts';
import { strippedGraph } from '../../src/strip/stripped-graph.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import type { GraphDef } from '../../src/wire/protos.ts';
import { elementCount, type Tensor } from '../../src/wire/tensor.ts';
import { add, concat, conv, pool } from '../engine/networks.ts';
import { floats, image, integers, op, sliding } from '../runtime/graphs.ts';

export const LOGITS = layerOutputName('softmax_linear');

/** Values from the standard normal distribution, times `scale`. */
export function noise(name: string, count: number, scale = 1): Float32Array {
  const stream = randomStream(5, name);
  return Float32Array.from({ length: count }, () => scale * stream.normal());
}

const noiseConstant = (name: string, shape: readonly number[], scale = 1) =>
  floats(name, shape, noise(name, elementCount(shape), scale));

/** The frozen CIFAR-10 network, with weights made larger so that pruned ones still give logits of about one. */
export const cifar10Graph = (sparsity: number) => frozenNetwork(CIFAR10_NETWORK, sparsity);

/** A sum of two branches, whose images are joined with those of a third, and no fully connected layer. */
const BRANCHING: Network = {
  input: [6, 6, 3],
  classes: 4,
  layers: [
    conv('stem', [3, 3, 3, 6], { weightStddev: 0.3 }),
    conv('inner', [3, 3, 6, 6], { weightStddev: 0.3, activation: 'none' }),
    add('sum', ['stem', 'inner'], 'relu'),
    conv('beside', [1, 1, 3, 2], { weightStddev: 0.3, from: ['images'] }),
    concat('joined', ['sum', 'beside']),
    pool('pool', 2, 2),
    conv('last', [3, 3, 8, 4], { weightStddev: 0.3, stride: 3, activation: 'none' }),
  ],
};
export const BRANCHING_LOGITS = logitsName(BRANCHING);
export const branchingGraph = (sparsity: number) => frozenNetwork(BRANCHING, sparsity);

function frozenNetwork(network: Network, sparsity: number): GraphDef {
  const initial = initialValues(network, 11);
  const stronger = (name: string) => initial.get(name)?.map((value) => value * (1 + 5 * sparsity));
  const mask = (name: string) => magnitudeMask(stronger(name)!, sparsity, 0, 0).mask;
  const masks = new Map(
    [...initial.keys()]
      .filter((name) => name.endsWith('/weights'))
      .map((name) => [maskName(name.replace('/weights', '')), mask(name)]),
  );
  const values = new Map(
    graphVariables(network, 'cifar10_pruning')
      .filter(({ dtype }) => dtype === 'float32')
      .map(({ name, shape }): [string, Tensor] => {
        const data = stronger(name) ?? masks.get(name) ?? new Float32Array(elementCount(shape));
        return [name, { dtype: 'float32', shape, data }];
      }),
  );
  const training = metaGraph(network, { pruningName: 'cifar10_pruning', keep: 5 });
  return strippedGraph(training, values, { outputNodeNames: [logitsName(network)] }).graph;
}

/** Every operation that the runtime knows: VALID and SAME, odd extents, strides that differ, dilations, transposed weights. */
export function everyOperation(): GraphDef {
  return graphDef([
    image(-1, 11, 9, 3),
    noiseConstant('w1', [3, 2, 3, 6]),
    noiseConstant('b1', [6]),
    op('conv1', 'Conv2D', ['images', 'w1'], { ...sliding('SAME', 1), strides: intListAttr([1, 1, 2, 1]) }),
    op('sum1', 'BiasAdd', ['conv1', 'b1']),
    op('relu1', 'Relu', ['sum1']),
    op('pool1', 'MaxPool', ['relu1'], { ...sliding('SAME', 2, 3), ksize: intListAttr([1, 2, 3, 1]) }),
    op('norm1', 'LRN', ['pool1']),
    noiseConstant('w2', [2, 2, 6, 4], 0.3),
    op('w2/read', 'Identity', ['w2']),
    op('conv2', 'Conv2D', ['norm1', 'w2/read'], {
      ...sliding('VALID', 1),
      dilations: intListAttr([1, 2, 1, 1]),
    }),
    op('same2', 'Identity', ['conv2']),
    // Read with its channels last and, below, as it is.
    noiseConstant('scale', [2, 4]),
    op('scaled', 'Mul', ['same2', 'scale']),
    noiseConstant('shift', [1, 1, 4]),
    op('shifted', 'AddV2', ['shift', 'scaled']),
    op('twice', 'Add', ['shifted', 'conv2']),
    op('shares', 'Softmax', ['twice']),
    op('pool2', 'MaxPool', ['shares'], sliding('VALID', 1, 2)),
    integers('flat/shape', -1, 12),
    op('flat', 'Reshape', ['pool2', 'flat/shape']),
    noiseConstant('w3', [7, 12]),
    op('w3/read', 'Identity', ['w3']),
    op('product', 'MatMul', ['flat', 'w3/read'], {
      transpose_b: { $typeName: 'tensorflow.AttrValue', value: { case: 'b', value: true } },
    }),
    noiseConstant('b3', [7]),
    op('sum3', 'Add', ['b3', 'product']),
    op('probabilities', 'Softmax', ['sum3']),
  ]);
}

/** A convolution without padding, a matrix product and a softmax over images of one channel; what outputs read is an output too. */
export function smallClassifier(): GraphDef {
  return graphDef([
    image(-1, 7, 5, 1),
    noiseConstant('filter', [3, 3, 1, 8]),
    op('features', 'Conv2D', ['images', 'filter'], sliding('VALID', 2)),
    integers('extents', -1, 48),
    op('flat', 'Reshape', ['features', 'extents']),
    noiseConstant('matrix', [48, 4]),
    op('scores', 'MatMul', ['flat', 'matrix']),
    op('probabilities', 'Softmax', ['scores']),
  ]);
}
