import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { formatHparams, parseHparams } from '../hparams/index.ts';
import { readTextIfThere } from '../regular-file.ts';
import { datasetOf, type Task } from '../tasks/task.ts';

/** What decides the outcome of a run, kept with it so that a continued run is the same run. */
export interface RunSettings {
  /** The name of what is trained. */
  readonly task: string;
  readonly seed: number;
  /** Canonical: every hparam with its value. */
  readonly pruning_hparams: string;
  /** The name of one of the task's datasets. */
  readonly dataset: string;
  readonly batch_size: number;
  /** Where the run goes on from another program's checkpoint: its step. That checkpoint and earlier ones are never deleted. */
  readonly continued_from_step?: number;
}

/** What may be asked for of a run's settings. */
export type RequestedSettings = Partial<Omit<RunSettings, 'task'>>;

export const defaultSettings = ({ name, datasets, recipe }: Task) => ({
  task: name,
  seed: 1,
  pruning_hparams: '',
  dataset: datasets[0].name,
  batch_size: recipe.batchSize,
});

/** That of runs that were begun before run.json named one. */
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

/** Whether these hparams, as they were asked for, name one of them. */
export function isAskedFor(requested: RequestedSettings, names: readonly string[]): boolean {
  return new RegExp(`(^|,)\\s*(${names.join('|')})\\s*=`).test(requested.pruning_hparams ?? '');
}

/** The settings of a run that goes on from a checkpoint without settings, as TensorFlow writes it. @throws as {@link newSettings} */
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
 * The settings of a continued run: those kept with it, and what was asked for where that is allowed to differ.
 *
 * @throws UserError `argument`, showing both, if the task differs, or what was asked for differs and `override` is off; `hparams`
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

/** @returns undefined if no settings are kept in the folder @throws UserError `file` if they are damaged or cannot be read */
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

/** For an error: what run.json may hold. */
const example = (): RunSettings => ({
  task: TASK_OF_OLD_RUNS,
  seed: 1,
  pruning_hparams: canonical(''),
  dataset: 'cifar10',
  batch_size: 128,
});

/** Of hparams only the clauses that differ, so that the line stays readable. */
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
  // Throws if they are no hparams.
  parseHparams(pruning_hparams as string);
  return [record.seed, record.batch_size, step].every(Number.isSafeInteger);
}
