import * as tf from '@tensorflow/tfjs';
import { averageName } from '../../model/names.ts';
import type { StepOptions } from '../engine.ts';
import type { TensorMap } from './tensor-map.ts';

/**
 * Plain gradient descent, then the moving averages of the updated variables, in TensorFlow's arithmetic:
 * variable -= rate * gradient; average -= (average - variable) * (1 - decay).
 */
export function descend(
  variables: TensorMap,
  gradients: ReadonlyMap<string, tf.Tensor>,
  { learningRate, averageDecay }: StepOptions,
): void {
  const rate = tf.scalar(learningRate);
  const share = tf.scalar(1 - averageDecay);
  for (const [name, gradient] of gradients) {
    const updated = tf.sub(variables.get(name), tf.mul(rate, gradient));
    const average = variables.get(averageName(name));
    variables.set(averageName(name), tf.sub(average, tf.mul(tf.sub(average, updated), share)));
    variables.set(name, updated);
  }
}
