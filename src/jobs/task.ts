import { UserError } from '../errors.ts';
import type { FrozenModel } from '../runtime/index.ts';
import { DEFAULT_TASK, TASKS, type Task, taskNamed } from '../tasks/index.ts';
import { defaultSettings, keptSettings, type RunSettings, settingsOfRun } from '../train/index.ts';

/**
 * The task of the run in a folder, or the default task if there is no run.
 *
 * @throws UserError `argument` if the run's task is not known; other faults of the run are ignored here and reported by `train`
 */
export async function taskOfRun(trainDir: string): Promise<Task> {
  const kept = await settingsOfRun(trainDir).catch((error) => {
    if (!(error instanceof UserError)) throw error;
    return undefined;
  });
  return kept ? taskNamed(kept.task, `the run in ${trainDir}`) : DEFAULT_TASK;
}

/**
 * The task and the settings of the run that wrote a checkpoint; the defaults if another program wrote it.
 *
 * @throws UserError `argument` if the task is not known; else as {@link keptSettings} does
 */
export async function taskBehind(prefix: string): Promise<{ task: Task; settings: RunSettings }> {
  const settings = (await keptSettings(prefix))?.settings ?? defaultSettings(DEFAULT_TASK);
  return { task: taskNamed(settings.task, `the run of ${prefix}`), settings };
}

/** The task whose network has the input and the output of a frozen graph; else the first task of the dataset. */
export function taskOfModel(
  model: Pick<FrozenModel, 'inputShape' | 'outputShape'>,
  dataset: string = DEFAULT_TASK.datasets[0].name,
): Task {
  const ofDataset = TASKS.filter(({ datasets }) => datasets.some(({ name }) => name === dataset));
  const fits = ({ network }: Task) =>
    model.inputShape.join() === network.input.join() && model.outputShape.join() === `${network.classes}`;
  return ofDataset.find(fits) ?? ofDataset[0] ?? DEFAULT_TASK;
}
