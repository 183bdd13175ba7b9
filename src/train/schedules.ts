/** Images in an epoch, as the contract's learning rate counts them, whatever the dataset in use. */
const EXAMPLES_PER_EPOCH = 50_000;
const EPOCHS_PER_DECAY = 350;
const BATCH_SIZE_OF_SCHEDULE = 128;

const INITIAL_LEARNING_RATE = 0.1;
const LEARNING_RATE_DECAY_FACTOR = 0.1;
export const STEPS_PER_DECAY = Math.trunc((EPOCHS_PER_DECAY * EXAMPLES_PER_EPOCH) / BATCH_SIZE_OF_SCHEDULE);

const MAX_AVERAGE_DECAY = 0.9999;

/**
 * Learning rate of the step that starts at global step `step`, a staircase: 0.1 * 0.1 ^ floor(step / 136718).
 * For example 0.1 at step 136717 and 0.01 at step 136718.
 */
export function learningRate(step: number): number {
  return INITIAL_LEARNING_RATE * LEARNING_RATE_DECAY_FACTOR ** Math.floor(step / STEPS_PER_DECAY);
}

/**
 * Decay of the moving averages after the step that ends at global step `step`: min(0.9999, (1 + step) / (10 + step)), so
 * that early averages follow quickly (tf.train.ExponentialMovingAverage with num_updates). For example 2/11 at step 1.
 */
export function averageDecay(step: number): number {
  return Math.min(MAX_AVERAGE_DECAY, (1 + step) / (10 + step));
}
