import { centralImage, type DatasetSource, imageValues, readImageFile } from '../dataset/index.ts';
import { UserError } from '../errors.ts';
import { noLogits, type RankedClass, softmax, topClasses } from '../eval/index.ts';
import { taskOfModel } from '../jobs/index.ts';
import { type FrozenModel, type FrozenModelOptions, loadFrozenModel } from '../runtime/index.ts';
import type { Task } from '../tasks/index.ts';

export interface PredictionOptions extends FrozenModelOptions {
  /** Path of a frozen graph. */
  readonly model: string;
  /** What the model was trained on. */
  readonly dataset: DatasetSource;
  /** How many of the most probable classes to name. */
  readonly top: number;
}

/** A model's predictions for some pictures. */
export interface Predictions {
  readonly model: string;
  /** How many classes the model knows. */
  readonly classCount: number;
  readonly images: readonly { readonly path: string; readonly classes: readonly RankedClass[] }[];
}

/**
 * Classifies pictures with a frozen graph. Each is prepared as for evaluation: scaled to the dataset's size, cropped
 * at the centre and standardized.
 *
 * @param onReady called with one line that says which engine computes and why
 * @throws UserError that names the model or the picture that cannot be used
 */
export async function predictFiles(
  paths: readonly string[],
  { model: modelPath, dataset, top, ...options }: PredictionOptions,
  onReady: (reason: string) => void,
): Promise<Predictions> {
  const model = await loadFrozenModel(modelPath, options).catch(withFlagHint);
  try {
    const task = taskOfModel(model, dataset.name);
    const classCount = checkModel(model, task, modelPath);
    const { input } = task.network;
    const values = imageValues(input);
    const cropping = { stored: dataset.format, input };
    const inputs = new Float32Array(paths.length * values);
    for (const [index, path] of paths.entries())
      centralImage(await readImageFile(path, dataset.format), cropping, rowOf(inputs, index, values));
    onReady(model.reason);
    const outputs = await model.run(inputs);
    const images = paths.map((path, index) => {
      const output = rowOf(outputs, index, classCount);
      if (!output.every(Number.isFinite))
        throw new UserError(
          'graph',
          `${modelPath} gives NaN or infinite values for ${path}`,
          'Strip another checkpoint: the weights of this one may come from a training run that diverged.',
        );
      const probabilities = model.outputOperation === 'Softmax' ? output : softmax(output);
      return { path, classes: topClasses(probabilities, top) };
    });
    return { model: modelPath, classCount, images };
  } finally {
    await model.dispose();
  }
}

/** Names the flag in the hint: a user who left it out does not know of the default file. */
function withFlagHint(error: unknown): never {
  if (!(error instanceof UserError) || error.code !== 'file') throw error;
  const hint = 'Name a frozen graph with --model=FILE.pb; strip writes one.';
  throw new UserError(error.code, error.message, hint, { cause: error });
}

/** Checks that the model takes the task's images and gives one value a class; returns the number of classes. */
function checkModel(model: FrozenModel, task: Task, path: string): number {
  const { inputShape, outputShape } = model;
  const { input } = task.network;
  if (inputShape.join() !== input.join())
    throw new UserError(
      'graph',
      `${path} takes images of ${inputShape.join(' x ')} values, expected ${input.join(' x ')}`,
      "Take a model that was trained on pictures as CIFAR-10's evaluation prepares them.",
    );
  const [classes = 0, ...more] = outputShape;
  if (classes > 0 && more.length === 0) return classes;
  throw noLogits(model, 'one value a class', task, path);
}

function rowOf(values: Float32Array, row: number, length: number): Float32Array {
  return values.subarray(row * length, (row + 1) * length);
}
