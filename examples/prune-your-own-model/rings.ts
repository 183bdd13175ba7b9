import * as tf from '@tensorflow/tfjs';

/** Points of the square [-1, 1] x [-1, 1], and which of three rings around its middle each lies in. */
export interface Rings {
  /** [count, 2] */
  readonly points: tf.Tensor2D;
  /** [count, 3], one-hot */
  readonly labels: tf.Tensor2D;
}

const RING_ENDS = [0.45, 0.8];

/** `count` points of a sequence that fills the square evenly, from number `first` on. */
export function rings(first: number, count: number): Rings {
  const points: [number, number][] = [];
  const labels: number[] = [];
  for (let number = first; number < first + count; number++) {
    const x = 2 * ((number * 0.7548776662466927) % 1) - 1;
    const y = 2 * ((number * 0.5698402909980532) % 1) - 1;
    points.push([x, y]);
    labels.push(RING_ENDS.filter((end) => Math.hypot(x, y) >= end).length);
  }
  return { points: tf.tensor2d(points), labels: tf.oneHot(labels, RING_ENDS.length + 1) as tf.Tensor2D };
}
