import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, latestCheckpoint, openCheckpoint } from '../checkpoint/index.ts';
import { writeFileDurably } from '../durable.ts';
import { CIFAR10_NETWORK } from '../model/cifar10.ts';
import { GLOBAL_STEP } from '../model/names.ts';
import { completeCheckpoint } from './completed-checkpoint.ts';
import type { TrainOptions } from './options.ts';
import {
  adoptedSettings,
  continuedSettings,
  formatSettings,
  newSettings,
  type RunSettings,
  readSettings,
  settingsPath,
} from './run-settings.ts';

/** A run that is about to start or to go on. */
export interface Run {
  readonly settings: RunSettings;
  /** Where it goes on; undefined for a new run. */
  readonly checkpoint: Checkpoint | undefined;
  /** What the user should know about where it goes on. */
  readonly notices: readonly string[];
}

/**
 * Finds out whether train_dir, which this process has locked, holds a run to continue. Changes nothing.
 *
 * @throws UserError `argument` if settings differ, `hparams`, `checkpoint`
 */
export async function findRun(options: TrainOptions): Promise<Run> {
  const { trainDir, settings, overwrite, overrideHparams } = options;
  const prefix = overwrite ? undefined : await latestCheckpoint(trainDir);
  if (prefix === undefined) return { settings: newSettings(settings), checkpoint: undefined, notices: [] };
  const checkpoint = await openCheckpoint(prefix);
  const kept = await readSettings(trainDir);
  if (!kept) return adoptRun(checkpoint, options);
  const continued = `continuing from ${prefix}; --overwrite starts anew`;
  return {
    settings: continuedSettings(kept, settings, overrideHparams),
    checkpoint,
    notices: [continued],
  };
}

async function adoptRun(found: Checkpoint, { trainDir, settings }: TrainOptions): Promise<Run> {
  const { checkpoint, pruningName, notices } = completeCheckpoint(found, CIFAR10_NETWORK);
  const step = Number((await checkpoint.read(GLOBAL_STEP)).data[0]);
  const adopted = adoptedSettings(settings, { step, pruningName });
  const { seed, batch_size, pruning_hparams } = adopted;
  return {
    settings: adopted,
    checkpoint,
    notices: [
      `continuing from ${checkpoint.prefix} at step ${step}; another program wrote it, and its files are kept`,
      `${settingsPath(trainDir)} is not there: seed ${seed}, batch size ${batch_size}, hparams ${pruning_hparams}`,
      ...notices,
    ],
  };
}

/** Makes train_dir ready: a new run's settings are kept in it, and with overwrite an old run's files are deleted. */
export async function prepareTrainDir(
  { trainDir, overwrite }: TrainOptions,
  { settings }: Run,
): Promise<void> {
  if (overwrite) await removeRun(trainDir);
  await writeFileDurably(settingsPath(trainDir), new TextEncoder().encode(formatSettings(settings)));
}

/** Files that a run writes; whatever else is in the folder stays. */
const RUN_FILES = /^(checkpoint|graph\.pbtxt|run\.json|model\.ckpt-\d+\..*|events\.out\.tfevents\..*)$/;

async function removeRun(trainDir: string): Promise<void> {
  const files = (await readdir(trainDir)).filter((file) => RUN_FILES.test(file));
  await Promise.all(files.map((file) => rm(join(trainDir, file))));
}
