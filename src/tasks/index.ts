import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { CIFAR10 } from './cifar10.ts';
import type { Task } from './task.ts';

export { datasetOf, type Recipe, type Task } from './task.ts';

/** All tasks, the default of `--task` first. */
export const TASKS: readonly [Task, ...Task[]] = [CIFAR10];

export const [DEFAULT_TASK] = TASKS;

export const TASK_NAMES: readonly string[] = TASKS.map(({ name }) => name);

/** For each task the name of the node that gives the logits. */
export const OUTPUT_NAMES: readonly string[] = TASKS.map(({ outputName }) => outputName);

/** The datasets of all tasks, each once. */
export const DATASETS = [
  ...new Map(TASKS.flatMap(({ datasets }) => datasets).map((dataset) => [dataset.name, dataset])).values(),
];

/**
 * Finds a task by its name.
 *
 * @param where where the name comes from, such as `the run in DIR`; the subject of the error
 * @throws UserError `argument`, listing the known tasks, if no task has this name
 */
export function taskNamed(name: string, where: string): Task {
  const found = TASKS.find((task) => task.name === name);
  if (found) return found;
  throw new UserError(
    'argument',
    `${where} names the task ${printable(name)}, which this version does not know; it knows ${TASK_NAMES.join(', ')}`,
    'Use the version of cifar10-prune that began the run.',
  );
}
