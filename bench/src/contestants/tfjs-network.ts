import * as tf from '@tensorflow/tfjs';
import type { Contestant } from '../contestant.ts';
import type { Materials } from '../materials.ts';
import { BATCH, type Task } from '../task.ts';

/** Tensors by layer. */
type Tensors = ReadonlyMap<string, tf.Tensor>;

const CLASSES = 10;

/**
 * The network and its training step as one writes them with TensorFlow.js: masks multiplied, its own losses, optimizer and
 * gradients, on whatever backend is in use.
 */
export class TfjsContestant implements Contestant {
  readonly description: string;
  readonly #materials: Materials;
  readonly #layers: Materials['list']['layers'];
  readonly #weights: Map<string, tf.Variable>;
  readonly #biases: Map<string, tf.Variable>;
  readonly #averages: Map<tf.Variable, tf.Variable>;
  #masks: Tensors = new Map();

  constructor(description: string, materials: Materials) {
    this.description = description;
    this.#materials = materials;
    this.#layers = materials.list.layers;
    const zeros = (shape: readonly number[]) => tf.variable(tf.zeros([...shape]));
    this.#weights = new Map(this.#layers.map(({ name, shape }) => [name, zeros(shape)]));
    this.#biases = new Map(this.#layers.map(({ name, shape }) => [name, zeros([shape.at(-1)!])]));
    this.#averages = new Map(this.#variables().map((variable) => [variable, zeros(variable.shape)]));
  }

  async prepare(task: Task): Promise<() => unknown> {
    if (task.kind !== 'step' && task.kind !== 'inference') throw new Error('not a task of this contestant');
    this.#start(task.sparsity);
    if (task.kind === 'step') return this.#step();
    const weights = new Map([...this.#maskedWeights()].map(([layer, tensor]) => [layer, tf.keep(tensor)]));
    const images = this.#materials.images(task.batch);
    return () => tf.tidy(() => this.#network(this.#batch(images), weights).dataSync());
  }

  async logits(task: Task): Promise<Float32Array> {
    const once = await this.prepare(task);
    if (task.kind === 'step') once();
    const images = this.#materials.images(BATCH);
    return tf.tidy(
      () => this.#network(this.#batch(images), this.#maskedWeights()).dataSync() as Float32Array,
    );
  }

  #variables(): tf.Variable[] {
    return [...this.#weights.values(), ...this.#biases.values()];
  }

  #start(sparsity: number): void {
    for (const mask of this.#masks.values()) mask.dispose();
    const masks = this.#materials.masks(sparsity);
    this.#masks = new Map(
      this.#layers.map(
        ({ name, shape }) => [name, tf.tensor(masks.get(`${name}/weights`)!, [...shape])] as const,
      ),
    );
    const values = this.#materials.variables();
    tf.tidy(() => {
      for (const [kind, variables] of [
        ['weights', this.#weights],
        ['biases', this.#biases],
      ] as const)
        for (const [layer, variable] of variables) {
          variable.assign(tf.tensor(values.get(`${layer}/${kind}`)!, variable.shape));
          this.#averages.get(variable)!.assign(variable);
        }
    });
  }

  #step(): () => number {
    const { learningRate, averageDecay } = this.#materials.list;
    const optimizer = tf.train.sgd(learningRate);
    const images = this.#materials.images(BATCH);
    const labels = Int32Array.from(this.#materials.labels());
    return () =>
      tf.tidy(() => {
        const loss = optimizer.minimize(() => this.#loss(this.#batch(images), tf.tensor1d(labels)), true);
        for (const [variable, average] of this.#averages)
          average.assign(average.sub(average.sub(variable).mul(1 - averageDecay)));
        return loss!.dataSync()[0]!;
      });
  }

  #loss(images: tf.Tensor4D, labels: tf.Tensor1D): tf.Scalar {
    const logits = this.#network(images, this.#maskedWeights());
    const crossEntropy = tf.losses.softmaxCrossEntropy(tf.oneHot(labels, CLASSES), logits);
    const decays = this.#layers.filter(({ weightDecay }) => weightDecay > 0);
    return decays.reduce<tf.Tensor>(
      (sum, { name, weightDecay }) =>
        sum.add(
          this.#weights
            .get(name)!
            .square()
            .sum()
            .mul(weightDecay / 2),
        ),
      crossEntropy,
    ) as tf.Scalar;
  }

  #maskedWeights(): Tensors {
    return new Map(
      [...this.#weights].map(([layer, weights]) => [layer, weights.mul(this.#masks.get(layer)!)]),
    );
  }

  #network(images: tf.Tensor4D, weights: Tensors): tf.Tensor2D {
    const conv = (x: tf.Tensor4D, layer: string) =>
      tf
        .conv2d(x, weights.get(layer) as tf.Tensor4D, 1, 'same')
        .add(this.#biases.get(layer)!)
        .relu() as tf.Tensor4D;
    const pool = (x: tf.Tensor4D) => tf.maxPool(x, 3, 2, 'same');
    const normalize = (x: tf.Tensor4D) => tf.localResponseNormalization(x, 4, 1, 0.001 / 9, 0.75);
    const dense = (x: tf.Tensor, layer: string) =>
      x.matMul<tf.Tensor>(weights.get(layer) as tf.Tensor2D).add(this.#biases.get(layer)!) as tf.Tensor2D;
    const block1 = normalize(pool(conv(images, 'conv1')));
    const block2 = pool(normalize(conv(block1, 'conv2')));
    const local3 = dense(tf.reshape(block2, [images.shape[0], -1]) as tf.Tensor2D, 'local3').relu();
    return dense(dense(local3, 'local4').relu(), 'softmax_linear');
  }

  #batch(images: Float32Array): tf.Tensor4D {
    const [height, width, channels] = this.#materials.list.imageShape;
    return tf.tensor4d(images, [images.length / (height * width * channels), height, width, channels]);
  }
}
