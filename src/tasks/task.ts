import type { AugmentationRanges, DatasetSource } from '../dataset/index.ts';
import { UserError } from '../errors.ts';
import type { Network } from '../model/network.ts';

/** What is trained, on what, and how. */
export interface Task {
  /** As `--task` and run.json have it. */
  readonly name: string;
  /** In sentences: `the CIFAR-10 network`. */
  readonly title: string;
  readonly network: Network;
  /** What it can be trained and evaluated on, the default first. All have as many classes as the network. */
  readonly datasets: readonly [DatasetSource, ...DatasetSource[]];
  readonly recipe: Recipe;
  /** The node of the training graph that gives the logits. */
  readonly outputName: string;
}

/** How a task is trained. */
export interface Recipe {
  /** Images in a batch unless a run says otherwise. */
  readonly batchSize: number;
  /** Of the step that starts at global step `step`. */
  readonly learningRate: (step: number) => number;
  /** Of the moving averages of all variables, after the step that ends at global step `step`. */
  readonly averageDecay: (step: number) => number;
  readonly augmentation: AugmentationRanges;
}

/**
 * The dataset of a task by its name, or its default.
 *
 * @throws UserError `argument` if it has no such dataset, `dataset` if that has not as many classes as the network
 */
export function datasetOf(
  { name: task, network, datasets }: Task,
  name: string = datasets[0].name,
): DatasetSource {
  const found = datasets.find((dataset) => dataset.name === name);
  if (found && found.format.classes !== network.classes)
    throw new UserError(
      'dataset',
      `dataset ${name} has ${found.format.classes} classes, expected ${network.classes}, which the network of task ${task} tells apart`,
    );
  if (found) return found;
  throw new UserError(
    'argument',
    `task ${task} has no dataset ${name}, expected ${datasets.map((dataset) => dataset.name).join(' or ')}`,
    'Choose one of its datasets.',
  );
}
