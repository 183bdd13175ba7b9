/**
 * A learning rate that falls once every `stepsPerDecay` training steps: initial * factor ^ floor(step / stepsPerDecay), which is
 * tf.train.exponential_decay with staircase. For example, with 0.1, 0.1 and 136,718 it is 0.1 at step 136,717 and 0.01 at step 136,718.
 */
export function staircase(options: {
  readonly initial: number;
  readonly factor: number;
  readonly stepsPerDecay: number;
}): (step: number) => number {
  const { initial, factor, stepsPerDecay } = options;
  return (step) => initial * factor ** Math.floor(step / stepsPerDecay);
}

/**
 * A decay of moving averages that grows to `largest`: min(largest, (1 + step) / (10 + step)), as tf.train.ExponentialMovingAverage has
 * it with num_updates. Averages so follow their variables quickly at first: the decay at step 1 is 2/11.
 */
export function growingDecay(largest: number): (step: number) => number {
  return (step) => Math.min(largest, (1 + step) / (10 + step));
}
