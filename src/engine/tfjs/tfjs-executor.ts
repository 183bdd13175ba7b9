import * as tf from '@tensorflow/tfjs';
import type { Computation, GraphExecutor, GraphPlan } from '../graph-plan.ts';
import { type Backend, computeOn } from './backends.ts';
import { download, TensorMap, upload } from './tensor-map.ts';

/** Computes a frozen graph with TensorFlow.js. */
export class TfjsExecutor implements GraphExecutor {
  readonly description: string;
  readonly #plan: GraphPlan;
  readonly #backend: Backend;
  readonly #constants = new TensorMap();
  #disposed = false;

  constructor(plan: GraphPlan, backend: Backend) {
    this.description = `tfjs on ${backend.description}`;
    this.#plan = plan;
    this.#backend = backend;
    computeOn(backend, () => {
      for (const { name, compute } of plan.operations) {
        if (compute.op === 'Const') this.#constants.set(name, upload(compute.values, compute.shape));
      }
    });
  }

  async run(images: Float32Array, batch: number): Promise<Float32Array> {
    if (this.#disposed) throw new Error('this executor has been disposed of');
    return computeOn(this.#backend, () => {
      const results: tf.Tensor[] = [];
      for (const { name, compute, inputs } of this.#plan.operations) {
        if (compute.op === 'Const') results.push(this.#constants.get(name));
        else if (compute.op === 'Placeholder')
          results.push(tf.tensor(images, [batch, ...compute.imageShape]));
        else
          results.push(
            apply(
              compute,
              inputs.map((index) => results[index]!),
            ),
          );
      }
      return download(results[this.#plan.output]!);
    });
  }

  async dispose(): Promise<void> {
    this.#constants.clear();
    this.#disposed = true;
  }
}

function apply(
  compute: Exclude<Computation, { op: 'Const' | 'Placeholder' }>,
  inputs: readonly tf.Tensor[],
): tf.Tensor {
  // The second is there where the operation takes two.
  const [a, b] = inputs as readonly [tf.Tensor, tf.Tensor];
  switch (compute.op) {
    case 'Add':
      return tf.add(a, b);
    case 'Mul':
      return tf.mul(a, b);
    case 'Relu':
      return tf.relu(a);
    case 'Softmax':
      return tf.softmax(a);
    case 'Conv2D': {
      const [strides, dilations] = [pair(compute.strides), pair(compute.dilations)];
      return tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad(compute), 'NHWC', dilations);
    }
    case 'MaxPool':
      return tf.maxPool(a as tf.Tensor4D, pair(compute.window), pair(compute.strides), pad(compute));
    case 'LRN': {
      const { depthRadius, bias, alpha, beta } = compute;
      return tf.localResponseNormalization(a as tf.Tensor4D, depthRadius, bias, alpha, beta);
    }
    case 'ConcatV2':
      return tf.concat([...inputs], compute.axis);
    case 'Reshape':
      return tf.reshape(a, [...compute.shape]);
    case 'MatMul':
      return tf.matMul(a, b, compute.transposeA, compute.transposeB);
  }
}

const pair = ([height, width]: readonly [number, number]): [number, number] => [height, width];
const pad = ({ padding }: { padding: 'SAME' | 'VALID' }) => (padding === 'SAME' ? 'same' : 'valid');
