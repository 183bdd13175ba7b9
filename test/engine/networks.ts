import { averageName, weightsName } from '../../src/model/names.ts';
import type {
  AddLayer,
  ConcatLayer,
  Conv2dLayer,
  FullyConnectedLayer,
  Layer,
  LrnLayer,
  MaxPoolLayer,
  Network,
} from '../../src/model/network.ts';
import { weightedLayers, weightShape } from '../../src/model/network.ts';
import { trainableVariables } from '../../src/model/variables.ts';
import { randomStream } from '../../src/random.ts';

const trainable = { activation: 'relu', weightStddev: 0.1, biasInit: 0, weightDecay: 0 } as const;

export const conv = (
  name: string,
  kernel: Conv2dLayer['kernel'],
  options: Partial<Conv2dLayer> = {},
): Conv2dLayer => ({ kind: 'conv2d', name, kernel, stride: 1, ...trainable, ...options });

export const dense = (
  name: string,
  inputs: number,
  outputs: number,
  options: Partial<FullyConnectedLayer> = {},
): FullyConnectedLayer => ({ kind: 'fully_connected', name, inputs, outputs, ...trainable, ...options });

export const pool = (name: string, size: number, stride: number): MaxPoolLayer => ({
  kind: 'max_pool',
  name,
  size,
  stride,
});

export const add = (
  name: string,
  from: readonly string[],
  activation: AddLayer['activation'] = 'none',
): AddLayer => ({ kind: 'add', name, from, activation });

export const concat = (name: string, from: readonly string[]): ConcatLayer => ({
  kind: 'concat',
  name,
  from,
});

/** Strong enough for a mistake in any of its terms to show. */
export const lrn = (name: string, depthRadius: number): LrnLayer => ({
  kind: 'lrn',
  name,
  depthRadius,
  bias: 1.5,
  alpha: 0.4,
  beta: 0.75,
});

/** The layers, and one more that turns what they give, [height, width, channels], into logits. */
export function networkOf(
  input: Network['input'],
  layers: readonly Layer[],
  [height, width, channels]: readonly [number, number, number],
  classes = 3,
): Network {
  const logits = dense('logits', height * width * channels, classes, { activation: 'none' });
  return { input, classes, layers: [...layers, logits] };
}

/** One network for each kind of layer, with odd extents, and one of all kinds. */
export const NETWORKS: Readonly<Record<string, Network>> = {
  'a fully connected layer': {
    input: [1, 2, 3],
    classes: 4,
    layers: [dense('only', 6, 4, { activation: 'none' })],
  },
  'logits that are a ReLU': {
    input: [1, 2, 3],
    classes: 4,
    layers: [dense('hidden', 6, 5), dense('logits', 5, 4)],
  },
  'convolutions without a ReLU': networkOf(
    [5, 6, 2],
    [
      conv('first', [3, 3, 2, 3], { activation: 'none' }),
      conv('second', [3, 2, 3, 4], { activation: 'none' }),
      pool('pool', 3, 2),
      conv('third', [1, 1, 4, 2]),
      conv('fourth', [2, 2, 2, 2]),
    ],
    [3, 3, 2],
  ),
  'fully connected layers with decay': networkOf(
    [2, 1, 3],
    [dense('hidden', 6, 5, { weightDecay: 0.3 })],
    [1, 1, 5],
  ),
  'a convolution': networkOf([4, 5, 2], [conv('conv', [3, 3, 2, 3])], [4, 5, 3]),
  'a convolution with an even, oblong kernel and decay': networkOf(
    [4, 3, 2],
    [conv('conv', [2, 4, 2, 3], { activation: 'none', weightDecay: 0.2 })],
    [4, 3, 3],
  ),
  'a convolution of stride 2': networkOf([5, 4, 1], [conv('conv', [3, 3, 1, 2], { stride: 2 })], [3, 2, 2]),
  'two convolutions, the second with gaps': networkOf(
    [5, 4, 1],
    [conv('first', [3, 3, 1, 2]), conv('second', [1, 1, 2, 3], { stride: 3 })],
    [2, 2, 3],
  ),
  'two convolutions of stride 2': networkOf(
    [7, 6, 1],
    [conv('first', [3, 2, 1, 2], { stride: 2 }), conv('second', [3, 3, 2, 2], { stride: 2 })],
    [2, 2, 2],
  ),
  'max pooling': networkOf(
    [5, 6, 1],
    [conv('conv', [1, 1, 1, 3], { activation: 'none' }), pool('pool', 3, 2)],
    [3, 3, 3],
  ),
  'max pooling without overlap': networkOf(
    [4, 7, 1],
    [conv('conv', [3, 3, 1, 2]), pool('pool', 2, 2)],
    [2, 4, 2],
  ),
  'response normalization': networkOf([2, 3, 1], [conv('conv', [2, 2, 1, 7]), lrn('norm', 2)], [2, 3, 7]),
  'all kinds of layers': networkOf(
    [6, 5, 2],
    [
      conv('conv1', [3, 3, 2, 4]),
      pool('pool1', 3, 2),
      lrn('norm1', 1),
      conv('conv2', [2, 2, 4, 5], { weightDecay: 0.05 }),
      lrn('norm2', 4),
      pool('pool2', 3, 2),
      dense('local3', 20, 6, { weightDecay: 0.1 }),
    ],
    [1, 1, 6],
  ),
};

/** Networks that are no chain, or do not end in a fully connected layer. */
export const DAGS: Readonly<Record<string, Network>> = {
  'a residual block': networkOf(
    [5, 6, 2],
    [
      conv('stem', [3, 3, 2, 4]),
      conv('inner', [3, 3, 4, 4]),
      conv('outer', [3, 3, 4, 4], { activation: 'none', weightDecay: 0.05 }),
      add('sum', ['stem', 'outer'], 'relu'),
      pool('pool', 2, 2),
    ],
    [3, 3, 4],
  ),
  'a residual block that pools, with a projection beside it': networkOf(
    [6, 5, 2],
    [
      conv('stem', [3, 3, 2, 3], { activation: 'none' }),
      lrn('norm', 1),
      conv('inner', [3, 3, 3, 5], { stride: 2 }),
      conv('beside', [1, 1, 3, 5], { from: ['norm'], stride: 2, activation: 'none' }),
      add('sum', ['inner', 'beside']),
      lrn('after', 2),
    ],
    [3, 3, 5],
  ),
  'concatenated branches': networkOf(
    [4, 5, 2],
    [
      conv('narrow', [1, 1, 2, 3]),
      conv('wide', [3, 3, 2, 5], { from: ['images'] }),
      pool('pool', 3, 1),
      concat('joined', ['narrow', 'pool', 'images', 'wide']),
      conv('after', [2, 2, 15, 3], { from: ['joined'] }),
    ],
    [4, 5, 3],
  ),
  'concatenated branches before a convolution': networkOf(
    [5, 6, 2],
    [
      conv('left', [3, 3, 2, 3], { activation: 'none' }),
      { ...conv('right', [1, 1, 2, 2], { activation: 'none' }), from: ['images'] },
      concat('both', ['left', 'right', 'left']),
      conv('after', [3, 3, 8, 2]),
    ],
    [5, 6, 2],
  ),
  'sums of three, of the images, and of one tensor with itself': networkOf(
    [3, 5, 2],
    [
      conv('a', [3, 3, 2, 2]),
      conv('b', [1, 1, 2, 2], { from: ['images'] }),
      add('three', ['a', 'images', 'b'], 'relu'),
      add('twice', ['three', 'three', 'a', 'three']),
    ],
    [3, 5, 2],
  ),
  'no fully connected layer, but a convolution at the end': {
    input: [4, 4, 2],
    classes: 3,
    layers: [
      conv('first', [3, 3, 2, 4]),
      pool('pool', 2, 2),
      conv('last', [2, 2, 4, 3], { stride: 2, activation: 'none' }),
    ],
  },
  'no fully connected layer, but pooling at the end': {
    input: [3, 6, 2],
    classes: 4,
    layers: [conv('conv', [3, 3, 2, 2], { activation: 'none' }), pool('pool', 3, 3)],
  },
  'a sum at the end': {
    input: [1, 2, 3],
    classes: 4,
    layers: [
      conv('a', [1, 1, 3, 2], { activation: 'none' }),
      conv('b', [1, 2, 3, 2], { from: ['images'], activation: 'none' }),
      add('logits', ['a', 'b']),
    ],
  },
};

/** Values of all variables, averages unlike them, masks of about half ones, a batch: everything a step takes. */
export function randomStep(network: Network, batch: number, seed: number) {
  const normal = (name: string, size: number) => {
    const stream = randomStream(seed, name);
    return Float32Array.from({ length: size }, () => stream.normal());
  };
  const variables = new Map(
    trainableVariables(network).flatMap(({ name, size }) =>
      [name, averageName(name)].map((key) => [key, normal(key, size).map((value) => value / 2)] as const),
    ),
  );
  const masks = new Map(
    weightedLayers(network).map((layer) => {
      const size = weightShape(layer).reduce((product, extent) => product * extent, 1);
      return [
        weightsName(layer.name),
        normal(`${layer.name}/mask`, size).map((value) => Number(value > 0)),
      ] as const;
    }),
  );
  const stream = randomStream(seed, 'labels');
  return {
    variables,
    masks,
    images: normal('images', batch * network.input[0] * network.input[1] * network.input[2]),
    labels: Uint8Array.from({ length: batch }, () => stream.integer(network.classes)),
  };
}
