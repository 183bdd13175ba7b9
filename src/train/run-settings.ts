import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { formatHparams, parseHparams } from '../hparams/index.ts';
import { readTextIfThere } from '../regular-file.ts';
import { datasetOf, type Task } from '../tasks/task.ts';

/** The settings that decide the result of a run. They are stored with it, so that a continued run computes the same. */
export interface RunSettings {
  /** The name of the task. */
  readonly task: string;
  readonly seed: number;
  /** Hparams string in canonical form: every hparam with its value. */
  readonly pruning_hparams: string;
  /** The name of one of the task's datasets. */
  readonly dataset: string;
  readonly batch_size: number;
  /** For a run that began from another program's checkpoint, the step of that. This checkpoint and earlier ones are never deleted. */
  readonly continued_from_step?: number;
}

/** The settings that a user can give. */
export type RequestedSettings = Partial<Omit<RunSettings, 'task'>>;

export const defaultSettings = ({ name, datasets, recipe }: Task) => ({
  task: name,
  seed: 1,
  pruning_hparams: '',
  dataset: datasets[0].name,
  batch_size: recipe.batchSize,
});

/** The task of runs that began before run.json named the task. */
const TASK_OF_OLD_RUNS = 'cifar10';

const SETTINGS_FILE = 'run.json';
const MAX_SETTINGS_BYTES = 2 ** 20;

export const settingsPath = (trainDir: string) => join(trainDir, SETTINGS_FILE);

/** The settings of a new run. @throws UserError `hparams`; `argument` if the task has no such dataset */
export function newSettings(task: Task, requested: RequestedSettings): RunSettings {
  const settings = { ...defaultSettings(task), ...requested, task: task.name };
  datasetOf(task, settings.dataset);
  return { ...settings, pruning_hparams: canonical(settings.pruning_hparams) };
}

/** Whether the hparams that the user gave contain one of `names`. */
export function isAskedFor(requested: RequestedSettings, names: readonly string[]): boolean {
  return new RegExp(`(^|,)\\s*(${names.join('|')})\\s*=`).test(requested.pruning_hparams ?? '');
}

/** The settings of a run that continues a checkpoint without settings, such as TensorFlow's. @throws as {@link newSettings} */
export function adoptedSettings(
  task: Task,
  requested: RequestedSettings,
  { step, pruningName }: { readonly step: number; readonly pruningName: string | undefined },
): RunSettings {
  const hparams = requested.pruning_hparams ?? '';
  const isNamed = pruningName === undefined || isAskedFor(requested, ['name']);
  return {
    ...newSettings(task, {
      ...requested,
      pruning_hparams: isNamed ? hparams : `name=${pruningName},${hparams}`,
    }),
    continued_from_step: step,
  };
}

/**
 * The settings of a continued run: those stored with it, replaced by those that the user gave if `override` is set.
 *
 * @throws UserError `argument`, with both values, if the task differs, or if another setting differs without `override`; `hparams`
 */
export function continuedSettings(
  task: Task,
  kept: RunSettings,
  requested: RequestedSettings,
  override: boolean,
): RunSettings {
  if (kept.task !== task.name)
    throw new UserError(
      'argument',
      `the run in train_dir is one of task ${kept.task}, not of ${task.name}`,
      'Leave --task out to continue the run, give another --train_dir, or add --overwrite to start anew.',
    );
  const merged = newSettings(task, { ...kept, ...requested });
  const differing = SETTINGS_NAMES.filter((name) => merged[name] !== kept[name]);
  if (differing.length === 0 || override) return merged;
  const lines = differing.flatMap((name) => differences(name, kept, merged));
  throw new UserError(
    'argument',
    `the run in train_dir differs from what was asked for: ${lines.join('; ')}`,
    'Leave these flags out to continue the run as it was, add --override_hparams to change them, or --overwrite to start anew.',
  );
}

/** @returns undefined if the folder has no run.json @throws UserError `file` if it is damaged or cannot be read */
export async function readSettings(trainDir: string): Promise<RunSettings | undefined> {
  const path = settingsPath(trainDir);
  const text = await readTextIfThere(path, MAX_SETTINGS_BYTES);
  if (text === undefined) return undefined;
  const settings = parseSettings(text);
  if (settings) return settings;
  throw new UserError(
    'file',
    `${path} does not hold the settings of a run, expected JSON with ${SETTINGS_NAMES.join(', ')}`,
    `Write the settings that the run was started with into it, as in ${JSON.stringify(example())}.`,
  );
}

/** @returns undefined if the text does not hold the settings of a run */
export function parseSettings(text: string): RunSettings | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const settings = { task: TASK_OF_OLD_RUNS, ...parsed };
    return isSettings(settings) ? settings : undefined;
  } catch {
    return undefined;
  }
}

export function formatSettings(settings: RunSettings): string {
  return `${JSON.stringify(settings, null, 2)}\n`;
}

/** The type of each setting that every run has. */
const TYPES = {
  task: 'string',
  seed: 'number',
  pruning_hparams: 'string',
  dataset: 'string',
  batch_size: 'number',
} as const satisfies Record<Exclude<keyof RunSettings, 'continued_from_step'>, string>;
type SettingsName = keyof typeof TYPES;
const SETTINGS_NAMES = Object.keys(TYPES) as SettingsName[];

const canonical = (hparams: string) => formatHparams(parseHparams(hparams));

/** An example of run.json, for an error. */
const example = (): RunSettings => ({
  task: TASK_OF_OLD_RUNS,
  seed: 1,
  pruning_hparams: canonical(''),
  dataset: 'cifar10',
  batch_size: 128,
});

/** Lines that show both values of a setting; of hparams only the clauses that differ, so that lines stay short. */
function differences(name: SettingsName, kept: RunSettings, asked: RunSettings): string[] {
  if (name !== 'pruning_hparams') return [`${name} was ${kept[name]}, now ${asked[name]}`];
  const [before, after] = [parseHparams(kept[name]), parseHparams(asked[name])];
  const hparams = Object.keys(before) as (keyof typeof before)[];
  return hparams
    .filter((hparam) => String(before[hparam]) !== String(after[hparam]))
    .map((hparam) => `hparam ${hparam} was ${before[hparam]}, now ${after[hparam]}`);
}

function isSettings(value: object): value is RunSettings {
  const record = value as Record<string, unknown>;
  const { pruning_hparams, continued_from_step: step = 0 } = record;
  if (SETTINGS_NAMES.some((name) => typeof record[name] !== TYPES[name])) return false;
  // Throws if the text is not an hparams string.
  parseHparams(pruning_hparams as string);
  return [record.seed, record.batch_size, step].every(Number.isSafeInteger);
}
