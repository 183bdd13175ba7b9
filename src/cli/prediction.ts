import { centralImage, type DatasetSource, imageValues, readImageFile } from '../dataset/index.ts';
import { UserError } from '../errors.ts';
import { noLogits, type RankedClass, softmax, topClasses } from '../eval/index.ts';
import { taskOfModel } from '../jobs/index.ts';
import { type FrozenModel, type FrozenModelOptions, loadFrozenModel } from '../runtime/index.ts';
import type { Task } from '../tasks/index.ts';

export interface PredictionOptions extends FrozenModelOptions {
  /** A frozen graph. */
  readonly model: string;
  /** What it was trained on. */
  readonly dataset: DatasetSource;
  /** How many classes to name, the most probable ones. */
  readonly top: number;
}

/** What a model says of some pictures. */
export interface Predictions {
  readonly model: string;
  /** Of the model, all. */
  readonly classCount: number;
  readonly images: readonly { readonly path: string; readonly classes: readonly RankedClass[] }[];
}

/**
 * Asks a frozen graph what pictures show. Each goes in as evaluation sees it: a picture of the dataset's size of
 * which the central crop is standardized.
 *
 * @param onReady is told, in one line, what computes
 * @throws UserError where the model or a picture cannot be used, naming it
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
          `${modelPath} gives values for ${path} that are no finite numbers`,
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

/** Who left the flag out does not know of the file. */
function withFlagHint(error: unknown): never {
  if (!(error instanceof UserError) || error.code !== 'file') throw error;
  const hint = 'Name a frozen graph with --model=FILE.pb; strip writes one.';
  throw new UserError(error.code, error.message, hint, { cause: error });
}

/** The number of classes. */
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
