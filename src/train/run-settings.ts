import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { formatHparams, parseHparams } from '../hparams/index.ts';
import { readTextIfThere } from '../regular-file.ts';

/** What decides the outcome of a run, kept with it so that a continued run is the same run. */
export interface RunSettings {
  readonly seed: number;
  /** Canonical: every hparam with its value. */
  readonly pruning_hparams: string;
  readonly dataset: 'cifar10' | 'synthetic';
  readonly batch_size: number;
  /** Where the run goes on from another program's checkpoint: its step. That checkpoint and earlier ones are never deleted. */
  readonly continued_from_step?: number;
}

export const DEFAULT_SETTINGS: Omit<RunSettings, 'continued_from_step'> = {
  seed: 1,
  pruning_hparams: '',
  dataset: 'cifar10',
  batch_size: 128,
};

const SETTINGS_FILE = 'run.json';
const MAX_SETTINGS_BYTES = 2 ** 20;

export const settingsPath = (trainDir: string) => join(trainDir, SETTINGS_FILE);

/** The settings of a new run. @throws UserError `hparams` */
export function newSettings(requested: Partial<RunSettings>): RunSettings {
  const settings = { ...DEFAULT_SETTINGS, ...requested };
  return { ...settings, pruning_hparams: canonical(settings.pruning_hparams) };
}

/** Whether these hparams, as they were asked for, name one of them. */
export function isAskedFor(requested: Partial<RunSettings>, names: readonly string[]): boolean {
  return new RegExp(`(^|,)\\s*(${names.join('|')})\\s*=`).test(requested.pruning_hparams ?? '');
}

/** The settings of a run that goes on from a checkpoint without settings, as TensorFlow writes it. @throws UserError `hparams` */
export function adoptedSettings(
  requested: Partial<RunSettings>,
  { step, pruningName }: { readonly step: number; readonly pruningName: string | undefined },
): RunSettings {
  const hparams = requested.pruning_hparams ?? '';
  const isNamed = pruningName === undefined || isAskedFor(requested, ['name']);
  return {
    ...newSettings({ ...requested, pruning_hparams: isNamed ? hparams : `name=${pruningName},${hparams}` }),
    continued_from_step: step,
  };
}

/**
 * The settings of a continued run: those kept with it, and what was asked for where that is allowed to differ.
 *
 * @throws UserError `argument`, showing both, if what was asked for differs and `override` is off; `hparams`
 */
export function continuedSettings(
  kept: RunSettings,
  requested: Partial<RunSettings>,
  override: boolean,
): RunSettings {
  const merged = newSettings({ ...kept, ...requested });
  const differing = settingsNames.filter((name) => merged[name] !== kept[name]);
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
    `${path} does not hold the settings of a run, expected JSON with ${settingsNames.join(', ')}`,
    `Write the settings that the run was started with into it, as in ${JSON.stringify(newSettings({}))}.`,
  );
}

/** @returns undefined if the text does not hold the settings of a run */
export function parseSettings(text: string): RunSettings | undefined {
  try {
    const settings: unknown = JSON.parse(text);
    return isSettings(settings) ? settings : undefined;
  } catch {
    return undefined;
  }
}

export function formatSettings(settings: RunSettings): string {
  return `${JSON.stringify(settings, null, 2)}\n`;
}

const settingsNames = Object.keys(DEFAULT_SETTINGS) as (keyof typeof DEFAULT_SETTINGS)[];

const canonical = (hparams: string) => formatHparams(parseHparams(hparams));

/** Of hparams only the clauses that differ, so that the line stays readable. */
function differences(name: keyof typeof DEFAULT_SETTINGS, kept: RunSettings, asked: RunSettings): string[] {
  if (name !== 'pruning_hparams') return [`${name} was ${kept[name]}, now ${asked[name]}`];
  const [before, after] = [parseHparams(kept[name]), parseHparams(asked[name])];
  const hparams = Object.keys(before) as (keyof typeof before)[];
  return hparams
    .filter((hparam) => String(before[hparam]) !== String(after[hparam]))
    .map((hparam) => `hparam ${hparam} was ${before[hparam]}, now ${after[hparam]}`);
}

function isSettings(value: unknown): value is RunSettings {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  const { pruning_hparams, continued_from_step: step = 0 } = record;
  if (settingsNames.some((name) => typeof record[name] !== typeof DEFAULT_SETTINGS[name])) return false;
  // Throws if they are no hparams.
  parseHparams(pruning_hparams as string);
  return [record.seed, record.batch_size, step].every(Number.isSafeInteger);
}
