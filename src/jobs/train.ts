import { DEFAULT_TASK, type Task } from '../tasks/index.ts';
import {
  type RequestedSettings,
  type TrainObserver,
  type TrainResult,
  train as trainRun,
} from '../train/index.ts';
import { expectCounts } from './check.ts';
import { TRAIN_DEFAULTS } from './defaults.ts';
import { taskOfRun } from './task.ts';

/** Options of {@link train}. */
export interface TrainJob {
  /** Folder for checkpoints and event files; it is made if it does not exist. A run that is there already is continued. */
  readonly trainDir: string;
  /** The global step to train to. */
  readonly maxSteps: number;
  /** What to train. Default: the task of the run, or TensorFlow's CIFAR-10 example. */
  readonly task?: Task | undefined;
  /** How to prune, such as `target_sparsity=0.9,sparsity_function_end_step=5000`. Default: as in the run, or to 50% by step 100. */
  readonly pruningHparams?: string | undefined;
  /** Name of one of the task's datasets. Default: that of the run, or the task's first. */
  readonly dataset?: string | undefined;
  /** Images in a batch. Default: as in the run, or in the task's recipe. */
  readonly batchSize?: number | undefined;
  /** Decides initial weights, the order of the pictures and their augmentation. Default: that of the run, or 1. */
  readonly seed?: number | undefined;
  /** Folder of the dataset's files; missing ones are downloaded into it. Default: `data`. */
  readonly dataDir?: string | undefined;
  /** Mirror to download the dataset from. */
  readonly dataUrl?: string | undefined;
  /** Engine to compute with, as `selectEngine` takes it. */
  readonly engine?: string | undefined;
  readonly backend?: string | undefined;
  /** Kernels of the simd engine: `auto`, `native` or `wasm`. */
  readonly kernels?: string | undefined;
  /** Computing threads of the simd engine. */
  readonly threads?: number | undefined;
  /** Whether to send a notice for each operation of the graph that says what computes it. */
  readonly logDevicePlacement?: boolean | undefined;
  /** Seconds from one checkpoint to the next; default: 600. */
  readonly saveCheckpointSecs?: number | undefined;
  /** Steps from one checkpoint to the next, instead of seconds. */
  readonly saveCheckpointSteps?: number | undefined;
  /** Steps from one summary for TensorBoard to the next; default: 100. */
  readonly saveSummariesSteps?: number | undefined;
  /** Number of newest checkpoints to keep; default: 5. */
  readonly keepCheckpoints?: number | undefined;
  /** Whether to delete a run in trainDir and start anew. */
  readonly overwrite?: boolean | undefined;
  /** Whether to continue a run although seed, hparams, batch size or dataset differ from its own. */
  readonly overrideHparams?: boolean | undefined;
  /** Flags to show on TensorBoard's TEXT page. */
  readonly flags?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Functions that are called with the progress. */
  readonly observer?: Partial<TrainObserver> | undefined;
  /** When it aborts, the run saves a checkpoint after the current step and stops; the same call then continues it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains the network of a task to maxSteps and prunes it on the way, from the newest checkpoint in trainDir if there is one.
 *
 * @returns the result; `interrupted` if the signal stopped the run between two steps, with a checkpoint saved
 * @throws UserError `hparams`, `argument`, `dataset`, `network`, `checkpoint`, `engine`, `file`; `diverged` if the loss becomes NaN
 *   or infinite; the signal's reason if it aborts before the first step, while pictures are loaded
 *
 * @example
 * const { checkpoint, sparsity } = await train({ trainDir: 'run', maxSteps: 10_000, pruningHparams: 'target_sparsity=0.9' });
 */
export async function train(job: TrainJob): Promise<TrainResult> {
  const { pruningHparams, dataset, batchSize, seed, observer, ...options } = job;
  const { maxSteps, saveCheckpointSteps, saveSummariesSteps, keepCheckpoints, overwrite = false } = options;
  expectCounts({ maxSteps, batchSize, saveCheckpointSteps, saveSummariesSteps, keepCheckpoints });
  return trainRun(
    {
      ...options,
      task: options.task ?? (overwrite ? DEFAULT_TASK : await taskOfRun(options.trainDir)),
      dataDir: options.dataDir ?? TRAIN_DEFAULTS.dataDir,
      settings: asked({ seed, pruning_hparams: pruningHparams, dataset, batch_size: batchSize }),
      saveCheckpointSecs: options.saveCheckpointSecs ?? TRAIN_DEFAULTS.saveCheckpointSecs,
      saveSummariesSteps: saveSummariesSteps ?? TRAIN_DEFAULTS.saveSummariesSteps,
      keepCheckpoints: keepCheckpoints ?? TRAIN_DEFAULTS.keepCheckpoints,
      overwrite,
      overrideHparams: options.overrideHparams ?? false,
      flags: options.flags ?? {},
      signal: options.signal ?? new AbortController().signal,
    },
    {
      notice: (line) => observer?.notice?.(line),
      warning: (line) => observer?.warning?.(line),
      download: (bytes, total) => observer?.download?.(bytes, total),
      step: (report) => observer?.step?.(report),
      checkpoint: (saved) => observer?.checkpoint?.(saved),
    },
  );
}

/** The settings that have a value; for the others those of the run hold. */
function asked(
  settings: { readonly [Name in keyof RequestedSettings]: RequestedSettings[Name] | undefined },
) {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  ) as RequestedSettings;
}
