import * as tf from '@tensorflow/tfjs';
import { sparsity } from 'cifar10-prune/pruning';
import { kernelsOf, pruneWhileTraining } from './prune-while-training.ts';
import { type Rings, rings } from './rings.ts';
import { loadModel, saveModel } from './saved-model.ts';

export interface Size {
  readonly trainingPoints: number;
  readonly testPoints: number;
  readonly denseEpochs: number;
  readonly pruningEpochs: number;
}

export interface Report {
  /** Fraction of test points that are told right: trained, then pruned while trained on, then saved and loaded. */
  readonly accuracy: { readonly dense: number; readonly pruned: number; readonly saved: number };
  /** Fraction of zeros in each kernel of the saved model, by name. */
  readonly sparsity: ReadonlyMap<string, number>;
  readonly model: tf.LayersModel;
  readonly saved: tf.LayersModel;
}

const BATCH_SIZE = 50;

/**
 * Trains a small model, prunes it while it trains on, and saves it to `folder` with zeros for the pruned weights.
 *
 * @param hparams how to prune; steps count from the start of pruning
 */
export async function trainAndStrip(
  hparams: string,
  size: Size,
  folder: string,
  warn: (line: string) => void,
): Promise<Report> {
  const training = rings(0, size.trainingPoints);
  const test = rings(size.trainingPoints, size.testPoints);
  const model = buildModel();
  const train = (epochs: number, callbacks: tf.CustomCallbackArgs) =>
    model.fit(training.points, training.labels, {
      epochs,
      callbacks,
      batchSize: BATCH_SIZE,
      shuffle: false,
      verbose: 0,
    });

  await train(size.denseEpochs, {});
  const dense = accuracyOf(model, test);
  await train(size.pruningEpochs, pruneWhileTraining(model, hparams, warn));
  await saveModel(model, folder);
  const saved = await loadModel(folder);

  return {
    accuracy: { dense, pruned: accuracyOf(model, test), saved: accuracyOf(saved, test) },
    sparsity: new Map(
      kernelsOf(saved).map((kernel) => [kernel.originalName, sparsity(kernel.read().dataSync<'float32'>())]),
    ),
    model,
    saved,
  };
}

function buildModel(): tf.LayersModel {
  const kernelInitializer = (seed: number) => tf.initializers.heNormal({ seed });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        name: 'hidden1',
        inputShape: [2],
        units: 64,
        activation: 'relu',
        kernelInitializer: kernelInitializer(1),
      }),
      tf.layers.dense({
        name: 'hidden2',
        units: 64,
        activation: 'relu',
        kernelInitializer: kernelInitializer(2),
      }),
      tf.layers.dense({
        name: 'rings',
        units: 3,
        activation: 'softmax',
        kernelInitializer: kernelInitializer(3),
      }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.005), loss: 'categoricalCrossentropy' });
  return model;
}

function accuracyOf(model: tf.LayersModel, { points, labels }: Rings): number {
  return tf.tidy(() => {
    const predicted = (model.predict(points) as tf.Tensor2D).argMax(1);
    return predicted.equal(labels.argMax(1)).mean().dataSync()[0]!;
  });
}
