import type { Network } from '../model/network.ts';

/** The arguments of a training step, apart from the batch. */
export interface StepOptions {
  readonly learningRate: number;
  /** averages -= (averages - updated variables) * (1 - decay), in float32 and in this order, as TensorFlow does */
  readonly averageDecay: number;
  /** Also return gradients and activations, for histograms. This copies them, but computes nothing twice. */
  readonly observe?: boolean;
}

/** What a training step measured: on this batch, with the masked weights, before their update. */
export interface StepResult {
  /** Mean sparse softmax cross-entropy plus all weight losses. */
  readonly totalLoss: number;
  readonly crossEntropy: number;
  /** weightDecay * l2_loss(raw weights) by layer name; 0 where the layer has no decay. */
  readonly weightLosses: ReadonlyMap<string, number>;
  /** Fraction of the batch whose largest logit is the label. */
  readonly accuracy: number;
  readonly observed?: Observation;
}

export interface Observation {
  /** d total loss / d variable, by variable name, in the variable's shape. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** Output of each layer with weights, after bias and activation, by layer name; [batch, ...extents]. */
  readonly activations: ReadonlyMap<string, Float32Array>;
}

/**
 * Owns the parameters of one network and computes with them. Variables are named as TensorFlow names them
 * (`conv1/weights`, `conv1/weights/ExponentialMovingAverage`), row-major float32, weights HWIO or [inputs, outputs].
 * Calls must not overlap: await one before making the next.
 */
export interface Engine {
  readonly name: string;
  /** For users: `tfjs on wasm (SIMD, 2 threads)`. */
  readonly description: string;
  readonly network: Network;
  /**
   * Allocates memory for batches of this many images, so that a lack of it shows before training starts.
   * @throws UserError `engine` if there is not enough memory for them
   */
  reserve(images: number): void;
  /**
   * Replaces the named variables; others keep their values. A new engine holds zeros.
   * @throws UserError `engine` on an unknown name or a wrong length
   */
  setVariables(values: ReadonlyMap<string, Float32Array>): void;
  /** Copies of the named variables. @throws UserError `engine` on an unknown name */
  readVariables(names: readonly string[]): Promise<Map<string, Float32Array>>;
  /**
   * Replaces the masks (0 or 1, the weights' shape) of the named weights (`conv1/weights`). A new engine's masks are all ones.
   * @throws UserError `engine` on unknown weights, a wrong length, or a value other than 0 and 1
   */
  setMasks(masks: ReadonlyMap<string, Float32Array>): void;
  /**
   * One step of gradient descent: forward pass with masked weights, loss, gradients, update of raw weights and biases, moving averages.
   * @param images NHWC float32, batch * height * width * channels values
   * @param labels the class of each image, from 0 on
   * @throws UserError `engine` if images or labels do not fit the network
   */
  trainStep(images: Float32Array, labels: Uint8Array, options: StepOptions): Promise<StepResult>;
  /** Returns the logits, [batch, classes] row-major, with the masked weights. @param images NHWC float32, any number of images */
  forward(images: Float32Array): Promise<Float32Array>;
  /** Frees memory and ends threads. The engine is unusable afterwards. */
  dispose(): Promise<void>;
}
