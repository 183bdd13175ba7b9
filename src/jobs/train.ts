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

/** What a training is asked to do. */
export interface TrainJob {
  /** Folder of checkpoints and event files, made if it does not exist; a run that is in it is continued. */
  readonly trainDir: string;
  /** The global step to train to. */
  readonly maxSteps: number;
  /** What is trained; that of the run, or TensorFlow's CIFAR-10 example, unless given. */
  readonly task?: Task | undefined;
  /** How to prune: `target_sparsity=0.9,sparsity_function_end_step=5000`. That of the run, or to 50% by step 100, unless given. */
  readonly pruningHparams?: string | undefined;
  /** One of the task's datasets; that of the run, or the task's first, unless given. */
  readonly dataset?: string | undefined;
  /** Images in a batch; as the run or the task's recipe has it unless given. */
  readonly batchSize?: number | undefined;
  /** Decides initial weights, the order of the pictures and their augmentation; that of the run, or 1, unless given. */
  readonly seed?: number | undefined;
  /** Folder of the dataset's files, which are downloaded into it where they are missing; `data` unless given. */
  readonly dataDir?: string | undefined;
  /** Mirror to download the dataset from. */
  readonly dataUrl?: string | undefined;
  /** What computes, as `selectEngine` takes it. */
  readonly engine?: string | undefined;
  readonly backend?: string | undefined;
  /** Computing threads of the simd engine. */
  readonly threads?: number | undefined;
  /** Give a notice of each operation of the graph and what computes it. */
  readonly logDevicePlacement?: boolean | undefined;
  /** Seconds from one checkpoint to the next, 600 unless given. */
  readonly saveCheckpointSecs?: number | undefined;
  /** Steps from one checkpoint to the next, instead of seconds. */
  readonly saveCheckpointSteps?: number | undefined;
  /** Steps from one summary for TensorBoard to the next, 100 unless given. */
  readonly saveSummariesSteps?: number | undefined;
  /** Newest checkpoints to keep, 5 unless given. */
  readonly keepCheckpoints?: number | undefined;
  /** Delete the run that is in trainDir and start anew. */
  readonly overwrite?: boolean | undefined;
  /** Continue although seed, hparams, batch size or dataset differ from the run's own. */
  readonly overrideHparams?: boolean | undefined;
  /** For TensorBoard's TEXT page. */
  readonly flags?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Is told what happens on the way. */
  readonly observer?: Partial<TrainObserver> | undefined;
  /** Stops the run after the step that is under way, with a checkpoint from which the same call goes on. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains the network of a task to maxSteps and prunes it on the way, from the newest checkpoint in trainDir if there is one.
 *
 * @returns what came of it; when the signal aborts a run between two steps, that is `interrupted`, and its checkpoint is saved
 * @throws UserError `hparams`, `argument`, `dataset`, `network`, `checkpoint`, `engine`, `file`; `diverged` once the loss is NaN;
 *   the signal's reason where it is aborted before the first step, while pictures are loaded
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

/** The settings that have a value; the others are as the run has them. */
function asked(
  settings: { readonly [Name in keyof RequestedSettings]: RequestedSettings[Name] | undefined },
) {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  ) as RequestedSettings;
}
