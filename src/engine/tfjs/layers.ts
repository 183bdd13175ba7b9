import * as tf from '@tensorflow/tfjs';
import { biasesName, weightsName } from '../../model/names.ts';
import { type Layer, type Network, type WeightedLayer, weightedLayers } from '../../model/network.ts';
import type { TensorMap } from './tensor-map.ts';

/** Raw weights and biases by variable name, masks by the name of their weights. */
export interface NetworkState {
  readonly variables: TensorMap;
  readonly masks: TensorMap;
}

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
 * @param images [batch, height, width, channels]
 * @param onActivation called with the output of each weighted layer
 * @returns logits, [batch, classes]
 */
export function applyNetwork(
  network: Network,
  images: tf.Tensor4D,
  parameters: Parameters,
  onActivation?: (layer: string, output: tf.Tensor) => void,
): tf.Tensor2D {
  let output: tf.Tensor = images;
  for (const layer of network.layers) {
    output = applyLayer(layer, output, parameters);
    if (layer.kind === 'conv2d' || layer.kind === 'fully_connected') onActivation?.(layer.name, output);
  }
  return output as tf.Tensor2D;
}

function applyLayer(layer: Layer, input: tf.Tensor, parameters: Parameters): tf.Tensor {
  switch (layer.kind) {
    case 'conv2d': {
      const weights = parameters.get(weightsName(layer.name)) as tf.Tensor4D;
      return activate(layer, tf.conv2d(input as tf.Tensor4D, weights, layer.stride, 'same'), parameters);
    }
    case 'fully_connected': {
      const weights = parameters.get(weightsName(layer.name)) as tf.Tensor2D;
      const flat = tf.reshape(input, [input.shape[0]!, layer.inputs]);
      return activate(layer, tf.matMul(flat, weights), parameters);
    }
    case 'max_pool':
      return tf.maxPool(input as tf.Tensor4D, layer.size, layer.stride, 'same');
    case 'lrn':
      return tf.localResponseNormalization(
        input as tf.Tensor4D,
        layer.depthRadius,
        layer.bias,
        layer.alpha,
        layer.beta,
      );
  }
}

function activate(layer: WeightedLayer, products: tf.Tensor, parameters: Parameters): tf.Tensor {
  const sums = addBiases(products, parameters.get(biasesName(layer.name))!);
  return layer.activation === 'relu' ? tf.relu(sums) : sums;
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
