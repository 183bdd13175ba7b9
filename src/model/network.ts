/** A convolution with bias and ReLU; `kernel` is [height, width, input channels, output channels]. */
export interface Conv2dLayer extends Trainable {
  readonly kind: 'conv2d';
  readonly kernel: readonly [number, number, number, number];
  readonly stride: number;
}

/** Max pooling over a square window, padded as TensorFlow's SAME. */
export interface MaxPoolLayer {
  readonly kind: 'max_pool';
  readonly name: string;
  readonly size: number;
  readonly stride: number;
}

/**
 * Local response normalization across channels: x / (bias + alpha * sum of squares over 2 * depthRadius + 1 channels) ^ beta
 * (Krizhevsky et al. 2012, section 3.3; TensorFlow multiplies alpha by the sum, not by the mean).
 */
export interface LrnLayer {
  readonly kind: 'lrn';
  readonly name: string;
  readonly depthRadius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

/** A fully connected layer with bias; its input is flattened to [batch, inputs]. */
export interface FullyConnectedLayer extends Trainable {
  readonly kind: 'fully_connected';
  readonly inputs: number;
  readonly outputs: number;
}

/** What conv2d and fully connected layers share: one masked weight tensor and one bias vector. */
interface Trainable {
  readonly name: string;
  readonly activation: 'relu' | 'none';
  /** Standard deviation of the truncated normal distribution of the initial weights. */
  readonly weightStddev: number;
  readonly biasInit: number;
  /** Weight of l2_loss(weights) = sum(weights^2) / 2 in the total loss. */
  readonly weightDecay: number;
}

export type Layer = Conv2dLayer | MaxPoolLayer | LrnLayer | FullyConnectedLayer;
export type WeightedLayer = Conv2dLayer | FullyConnectedLayer;

export interface Network {
  /** [height, width, channels] of one image; batches are NHWC float32. */
  readonly input: readonly [number, number, number];
  readonly classes: number;
  readonly layers: readonly Layer[];
}

/** The shape of a layer's weights, its mask and its masked weights. */
export function weightShape(layer: WeightedLayer): readonly number[] {
  return layer.kind === 'conv2d' ? layer.kernel : [layer.inputs, layer.outputs];
}

/** The number of a layer's outputs, which is the length of its biases. */
export function outputCount(layer: WeightedLayer): number {
  return layer.kind === 'conv2d' ? layer.kernel[3] : layer.outputs;
}

/** The layers that have weights, a mask and a threshold, in forward order. */
export function weightedLayers(network: Network): WeightedLayer[] {
  return network.layers.filter((layer) => layer.kind === 'conv2d' || layer.kind === 'fully_connected');
}
