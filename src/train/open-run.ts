import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Checkpoint, latestCheckpoint, openCheckpoint, removeLeftovers } from '../checkpoint/index.ts';
import { UserError } from '../errors.ts';
import { GLOBAL_STEP } from '../model/names.ts';
import { completeCheckpoint } from './completed-checkpoint.ts';
import { keptSettings } from './kept-settings.ts';
import type { TrainOptions } from './options.ts';
import { writeSettings } from './run-files.ts';
import {
  adoptedSettings,
  continuedSettings,
  newSettings,
  type RunSettings,
  readSettings,
  settingsPath,
} from './run-settings.ts';

/** A run that is about to start or to continue. */
export interface Run {
  readonly settings: RunSettings;
  /** The checkpoint to continue from; undefined for a new run. */
  readonly checkpoint?: Checkpoint;
  /** Which program wrote the checkpoint; undefined for a new run. */
  readonly origin?: 'this package' | 'another program';
  /** Lines that tell the user where the run continues, and from what. */
  readonly notices: readonly string[];
}

/**
 * Finds out whether train_dir holds a run to continue. Changes nothing. The caller has locked train_dir.
 *
 * @throws UserError `argument` if settings differ, `hparams`, `checkpoint`
 */
export async function findRun(options: TrainOptions): Promise<Run> {
  const { task, trainDir, settings, overwrite, overrideHparams } = options;
  if (overwrite) return { settings: newSettings(task, settings), notices: [] };
  const prefix = await latestCheckpoint(trainDir);
  if (prefix === undefined) return beginRun(options);
  const checkpoint = await openCheckpoint(prefix);
  const kept = await keptSettings(prefix);
  if (!kept) return adoptRun(checkpoint, options);
  return {
    settings: continuedSettings(task, kept.settings, settings, overrideHparams),
    checkpoint,
    origin: 'this package',
    notices: [
      `continuing from ${prefix}; --overwrite starts anew`,
      ...(kept.notice === undefined ? [] : [kept.notice]),
    ],
  };
}

/** A new run, or one that ended before its first checkpoint, whose settings then still hold. */
async function beginRun({ task, trainDir, settings }: TrainOptions): Promise<Run> {
  const kept = await readSettings(trainDir).catch((error) => {
    if (!(error instanceof UserError)) throw error;
    return undefined;
  });
  if (!kept) return { settings: newSettings(task, settings), notices: [] };
  const { task: _name, continued_from_step: _step, ...asked } = kept;
  return {
    settings: newSettings(task, { ...asked, ...settings }),
    origin: 'this package',
    notices: [`starting the run of ${settingsPath(trainDir)}, which has no checkpoint yet`],
  };
}

async function adoptRun(found: Checkpoint, { task, trainDir, settings }: TrainOptions): Promise<Run> {
  const { checkpoint, pruningName, notices } = completeCheckpoint(found, task.network);
  const step = Number((await checkpoint.read(GLOBAL_STEP)).data[0]);
  const adopted = adoptedSettings(task, settings, { step, pruningName });
  const { seed, batch_size, pruning_hparams } = adopted;
  return {
    settings: adopted,
    checkpoint,
    origin: 'another program',
    notices: [
      `continuing from ${checkpoint.prefix} at step ${step}; another program wrote it, and its files are kept`,
      `${settingsPath(trainDir)} is not there: seed ${seed}, batch size ${batch_size}, hparams ${pruning_hparams}`,
      ...notices,
    ],
  };
}

/**
 * Prepares train_dir: deletes an old run's files if overwrite is set, deletes partly written files that a killed run has left,
 * and stores the settings.
 */
export async function prepareTrainDir(
  { trainDir, overwrite }: TrainOptions,
  { settings, origin }: Run,
): Promise<void> {
  if (overwrite) await removeRun(trainDir);
  await removeLeftovers(trainDir, {
    keptUpTo: origin === 'this package' ? settings.continued_from_step : Number.POSITIVE_INFINITY,
    others: [basename(settingsPath(trainDir))],
  });
  await writeSettings(trainDir, settings);
}

/** Files of a run, in the order of their deletion: if that is interrupted, the rest does not look like a complete run. */
const RUN_FILES = [
  /^checkpoint$/,
  /^model\.ckpt-\d+\.index$/,
  /^model\.ckpt-\d+\.(meta|data-\d{5}-of-\d{5})$/,
  /^(graph\.pbtxt|events\.out\.tfevents\..*)$/,
  /^run\.json$/,
];

async function removeRun(trainDir: string): Promise<void> {
  const files = await readdir(trainDir);
  for (const kind of RUN_FILES)
    for (const file of files.filter((name) => kind.test(name))) await rm(join(trainDir, file));
}
