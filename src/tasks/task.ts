import type { AugmentationRanges, DatasetSource } from '../dataset/index.ts';
import { UserError } from '../errors.ts';
import type { Network } from '../model/network.ts';

/** What is trained, on which data, and how. */
export interface Task {
  /** Its name for `--task` and in run.json. */
  readonly name: string;
  /** Its name in sentences: `the CIFAR-10 network`. */
  readonly title: string;
  readonly network: Network;
  /** Datasets to train and evaluate on, the default first. All must have as many classes as the network. */
  readonly datasets: readonly [DatasetSource, ...DatasetSource[]];
  readonly recipe: Recipe;
  /** The name of the training graph's node that gives the logits. */
  readonly outputName: string;
}

/** How a task is trained. */
export interface Recipe {
  /** Default number of images in a batch. */
  readonly batchSize: number;
  /** The learning rate of the training step that starts at global step `step`. */
  readonly learningRate: (step: number) => number;
  /** The decay of the variables' moving averages after the training step that ends at global step `step`. */
  readonly averageDecay: (step: number) => number;
  readonly augmentation: AugmentationRanges;
}

/**
 * A dataset of a task, by name; without a name, the task's default.
 *
 * @throws UserError `argument` if the task has no such dataset, `dataset` if it does not have as many classes as the network
 */
export function datasetOf(
  { name: task, network, datasets }: Task,
  name: string = datasets[0].name,
): DatasetSource {
  const found = datasets.find((dataset) => dataset.name === name);
  if (found && found.format.classes !== network.classes)
    throw new UserError(
      'dataset',
      `dataset ${name} has ${found.format.classes} classes, expected ${network.classes} as in the network of task ${task}`,
    );
  if (found) return found;
  throw new UserError(
    'argument',
    `task ${task} has no dataset ${name}, expected ${datasets.map((dataset) => dataset.name).join(' or ')}`,
    'Choose one of its datasets.',
  );
}
