import * as tf from '@tensorflow/tfjs';
import { applyMask, createPruning, type PruningState } from 'cifar10-prune/pruning';

/**
 * A callback for `model.fit` that prunes the model's kernels as they train: after each batch it updates the masks where
 * the hparams say so and sets masked weights to 0. Biases are left alone.
 *
 * @param warn called with one line when an update masks all weights of a kernel
 */
export function pruneWhileTraining(
  model: tf.LayersModel,
  hparams: string,
  warn: (line: string) => void,
): tf.CustomCallbackArgs {
  const kernels = kernelsOf(model);
  const pruning = createPruning(
    hparams,
    kernels.map((kernel) => ({ name: kernel.originalName, shape: kernel.read().shape })),
  );
  let state: PruningState = pruning.initialState();
  let step = 0;

  return {
    onBatchEnd: async () => {
      step += 1;
      const weights = new Map<string, Float32Array>();
      for (const kernel of kernels) weights.set(kernel.originalName, await kernel.read().data<'float32'>());

      const update = pruning.update(state, step, weights);
      update.warnings.forEach(warn);
      state = update.state;

      tf.tidy(() => {
        for (const kernel of kernels) {
          const masked = applyMask(weights.get(kernel.originalName)!, state.masks.get(kernel.originalName)!);
          kernel.write(tf.tensor(masked, kernel.read().shape));
        }
      });
    },
  };
}

/** The weights that are pruned. */
export function kernelsOf(model: tf.LayersModel) {
  return model.trainableWeights.filter((weight) => weight.originalName.endsWith('/kernel'));
}
