import * as tf from '@tensorflow/tfjs';

/** Mean over the batch of -log softmax(logits)[label]. `logits` is [batch, classes], `labels` [batch]. */
export function sparseSoftmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  const oneHot = tf.oneHot(labels, logits.shape[1]);
  return tf.neg(tf.mean(tf.sum(tf.mul(oneHot, tf.logSoftmax(logits)), -1)));
}

/** decay * sum(weights^2) / 2, summed in two stages so that float32 loses less. */
export function weightLoss(weights: tf.Tensor, decay: number): tf.Scalar {
  return tf.mul(tf.scalar(decay / 2), tf.sum(tf.sum(tf.square(weights), -1)));
}
