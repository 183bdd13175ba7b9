/** The properties that all layers have. */
interface Named {
  readonly name: string;
  /** Names of the layers that it reads, all listed before it, or `images`. Default: the layer before it; for the first layer, `images`. */
  readonly from?: readonly string[];
}

/** A convolution with bias, padded as TensorFlow's SAME; `kernel` is [height, width, input channels, output channels]. */
export interface Conv2dLayer extends Trainable {
  readonly kind: 'conv2d';
  readonly kernel: readonly [number, number, number, number];
  readonly stride: number;
}

/** Max pooling over a square window, padded as TensorFlow's SAME. */
export interface MaxPoolLayer extends Named {
  readonly kind: 'max_pool';
  readonly size: number;
  readonly stride: number;
}

/**
 * Local response normalization across channels: x / (bias + alpha * sum of squares over 2 * depthRadius + 1 channels) ^ beta
 * (Krizhevsky et al. 2012, section 3.3; TensorFlow multiplies alpha by the sum, not by the mean).
 */
export interface LrnLayer extends Named {
  readonly kind: 'lrn';
  readonly depthRadius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

/** The element-wise sum of two or more images of one shape, [height, width, channels], as in residual networks (He et al. 2015). */
export interface AddLayer extends Named {
  readonly kind: 'add';
  readonly activation: 'relu' | 'none';
}

/** Joins two or more images of one height and width along their channels. */
export interface ConcatLayer extends Named {
  readonly kind: 'concat';
}

/** A fully connected layer with bias; its input is flattened to [batch, inputs]. */
export interface FullyConnectedLayer extends Trainable {
  readonly kind: 'fully_connected';
  readonly inputs: number;
  readonly outputs: number;
}

/** A layer with a masked weight tensor and a bias vector. */
interface Trainable extends Named {
  readonly activation: 'relu' | 'none';
  /** Standard deviation of the truncated normal distribution of the initial weights. */
  readonly weightStddev: number;
  readonly biasInit: number;
  /** Weight of l2_loss(weights) = sum(weights^2) / 2 in the total loss. */
  readonly weightDecay: number;
}

export type Layer = Conv2dLayer | MaxPoolLayer | LrnLayer | AddLayer | ConcatLayer | FullyConnectedLayer;
export type WeightedLayer = Conv2dLayer | FullyConnectedLayer;

/** A network as data: a graph without circles, each layer listed after those it reads. The last layer's flattened output is the logits. */
export interface Network {
  /** [height, width, channels] of one image; batches are NHWC float32. */
  readonly input: readonly [number, number, number];
  readonly classes: number;
  readonly layers: readonly Layer[];
}

/** The shape of a layer's weights, and of their mask. */
export function weightShape(layer: WeightedLayer): readonly number[] {
  return layer.kind === 'conv2d' ? layer.kernel : [layer.inputs, layer.outputs];
}

/** The number of a layer's outputs or output channels, which is the length of its biases. */
export function outputCount(layer: WeightedLayer): number {
  return layer.kind === 'conv2d' ? layer.kernel[3] : layer.outputs;
}

/** The layers that have weights, a mask and a threshold, in forward order. */
export function weightedLayers(network: Network): WeightedLayer[] {
  return network.layers.filter((layer) => layer.kind === 'conv2d' || layer.kind === 'fully_connected');
}
