import * as tf from '@tensorflow/tfjs';
import type { ConnectedLayer } from '../../model/connected-layers.ts';
import { valuesIn } from '../../model/layer-inputs.ts';
import { biasesName, INPUT_NODE, weightsName } from '../../model/names.ts';
import { type Layer, type Network, type WeightedLayer, weightedLayers } from '../../model/network.ts';
import type { TensorMap } from './tensor-map.ts';

/** Raw weights and biases by variable name, masks by the name of their weights. */
export interface NetworkState {
  readonly variables: TensorMap;
  readonly masks: TensorMap;
}

const CHANNELS = 3;

/** Tensors by variable name. */
interface Parameters {
  get(name: string): tf.Tensor | undefined;
}

/** What the network computes with, by variable name: weights times their masks, and biases. */
export function maskedParameters(
  network: Network,
  { variables, masks }: NetworkState,
): Map<string, tf.Tensor> {
  return new Map(
    weightedLayers(network).flatMap(({ name: layer }) => {
      const [weights, biases] = [weightsName(layer), biasesName(layer)];
      return [
        [weights, tf.mul(variables.get(weights), masks.get(weights))] as const,
        [biases, variables.get(biases)] as const,
      ];
    }),
  );
}

/**
 * The network's forward pass.
 *
 * @param layers as `connectLayers` gives them
 * @param images [batch, height, width, channels]
 * @param onActivation called with the output of each weighted layer
 * @returns logits, [batch, classes]
 */
export function applyLayers(
  layers: readonly ConnectedLayer[],
  images: tf.Tensor4D,
  parameters: Parameters,
  onActivation?: (layer: string, output: tf.Tensor) => void,
): tf.Tensor2D {
  const outputs = new Map<string, tf.Tensor>([[INPUT_NODE, images]]);
  let output: tf.Tensor = images;
  for (const { layer, inputs } of layers) {
    output = applyLayer(
      layer,
      inputs.map(({ name }) => outputs.get(name)!),
      parameters,
    );
    outputs.set(layer.name, output);
    if (layer.kind === 'conv2d' || layer.kind === 'fully_connected') onActivation?.(layer.name, output);
  }
  return flat(output);
}

function applyLayer(layer: Layer, inputs: readonly tf.Tensor[], parameters: Parameters): tf.Tensor {
  const images = inputs as readonly [tf.Tensor4D, ...tf.Tensor4D[]];
  switch (layer.kind) {
    case 'conv2d': {
      const weights = parameters.get(weightsName(layer.name)) as tf.Tensor4D;
      return withBiases(layer, tf.conv2d(images[0], weights, layer.stride, 'same'), parameters);
    }
    case 'fully_connected': {
      const weights = parameters.get(weightsName(layer.name)) as tf.Tensor2D;
      return withBiases(layer, tf.matMul(flat(images[0]), weights), parameters);
    }
    case 'max_pool':
      return tf.maxPool(images[0], layer.size, layer.stride, 'same');
    case 'lrn':
      return tf.localResponseNormalization(images[0], layer.depthRadius, layer.bias, layer.alpha, layer.beta);
    case 'add':
      return activate(
        layer,
        images.reduce((sum, image) => tf.add(sum, image)),
      );
    case 'concat':
      return tf.concat([...images], CHANNELS);
  }
}

/** [batch, values] of [batch, height, width, channels]. */
function flat(output: tf.Tensor): tf.Tensor2D {
  const [batch, ...extents] = output.shape as [number, ...number[]];
  return tf.reshape(output, [batch, valuesIn(extents)]);
}

function withBiases(layer: WeightedLayer, products: tf.Tensor, parameters: Parameters): tf.Tensor {
  return activate(layer, addBiases(products, parameters.get(biasesName(layer.name))!));
}

function activate({ activation }: { readonly activation: 'relu' | 'none' }, sums: tf.Tensor): tf.Tensor {
  return activation === 'relu' ? tf.relu(sums) : sums;
}

const addBiases = tf.customGrad((...inputs) => {
  const [products, biases] = inputs as [tf.Tensor, tf.Tensor];
  return { value: tf.add(products, biases), gradFunc: (gradient) => [gradient, sumOverOutputs(gradient)] };
});

/** Sums all but the last axis. Pooling does that within an image far faster than TensorFlow.js's own reduction. */
function sumOverOutputs(gradient: tf.Tensor): tf.Tensor {
  if (gradient.rank !== 4) return tf.sum(gradient, 0);
  const [, height, width] = gradient.shape as [number, number, number, number];
  const means = tf.avgPool(gradient as tf.Tensor4D, [height, width], 1, 'valid');
  return tf.mul(tf.sum(means, [0, 1, 2]), height * width);
}
