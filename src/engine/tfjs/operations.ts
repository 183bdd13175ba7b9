import * as tf from '@tensorflow/tfjs';
import type { Computation, GraphPlan, PlannedOperation, Variable } from '../graph-plan.ts';

/**
 * Computes a plan with operations that TensorFlow.js can differentiate.
 *
 * @param images values of `batch` images, in the shape of the plan's placeholder
 * @param parameterOf returns the tensor of a constant or a variable
 * @returns the result of each operation, in the plan's order
 */
export function computePlan<C extends Computation | Variable>(
  { operations }: GraphPlan<C>,
  images: Float32Array,
  batch: number,
  parameterOf: (operation: PlannedOperation<C>) => tf.Tensor,
): tf.Tensor[] {
  const results: tf.Tensor[] = [];
  for (const operation of operations) {
    const compute: Computation | Variable = operation.compute;
    if (compute.op === 'Placeholder') results.push(tf.tensor(images, [batch, ...compute.imageShape]));
    else if (compute.op === 'Const' || compute.op === 'VariableV2') results.push(parameterOf(operation));
    else {
      const inputs = operation.inputs.map((index) => results[index]!);
      results.push(apply(compute, inputs));
    }
  }
  return results;
}

function apply(
  compute: Exclude<Computation, { op: 'Const' | 'Placeholder' }>,
  inputs: readonly tf.Tensor[],
): tf.Tensor {
  // `b` is undefined if the operation takes one input.
  const [a, b] = inputs as readonly [tf.Tensor, tf.Tensor];
  switch (compute.op) {
    case 'Add':
      return b.rank === 1 && a.rank > 1 && a.shape.at(-1) === b.size ? addBiases(a, b) : tf.add(a, b);
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

const addBiases = tf.customGrad((...inputs) => {
  const [products, biases] = inputs as [tf.Tensor, tf.Tensor];
  return { value: tf.add(products, biases), gradFunc: (gradient) => [gradient, sumOverOutputs(gradient)] };
});

/** Sums over all axes but the last. Within an image it uses average pooling, which is far faster than TensorFlow.js's own reduction. */
function sumOverOutputs(gradient: tf.Tensor): tf.Tensor {
  if (gradient.rank !== 4) return tf.sum(gradient, 0);
  const [, height, width] = gradient.shape as [number, number, number, number];
  const means = tf.avgPool(gradient as tf.Tensor4D, [height, width], 1, 'valid');
  return tf.mul(tf.sum(means, [0, 1, 2]), height * width);
}
