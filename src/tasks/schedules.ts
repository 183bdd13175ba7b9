/**
 * A learning rate that falls in steps: initial * factor ^ floor(step / stepsPerDecay). For example, with 0.1, 0.1 and 136,718, 0.1 at
 * step 136,717 and 0.01 at step 136,718 (tf.train.exponential_decay with staircase).
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
 * A decay of moving averages that grows to `largest`: min(largest, (1 + step) / (10 + step)), so that early averages follow quickly
 * (tf.train.ExponentialMovingAverage with num_updates). For example 2/11 at step 1.
 */
export function growingDecay(largest: number): (step: number) => number {
  return (step) => Math.min(largest, (1 + step) / (10 + step));
}
