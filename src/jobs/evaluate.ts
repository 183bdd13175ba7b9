import { type HeldCheckpoint, openExisting } from '../checkpoint/index.ts';
import type { DatasetSource, OnProgress, Split } from '../dataset/index.ts';
import { selectEngine } from '../engine/select.ts';
import { UserError } from '../errors.ts';
import {
  type Accuracy,
  type Examples,
  evaluateFrozenModel,
  evaluateOpenCheckpoint,
  firstExamples,
  type Weights,
} from '../eval/index.ts';
import { loadFrozenModel } from '../runtime/index.ts';
import { EventWriter, evaluationSummaries } from '../summary/index.ts';
import { datasetOf, type Task } from '../tasks/index.ts';
import { expectCounts } from './check.ts';
import { EVALUATE_DEFAULTS } from './defaults.ts';
import { taskBehind, taskOfModel } from './task.ts';

/** The pictures to evaluate on, the engine, and functions that are told the progress. */
export interface EvaluateOptions {
  /** Which part of the dataset; default: `test`. */
  readonly split?: Split | undefined;
  /** How many pictures of the split to evaluate, from the first on, each once; `Infinity` for all. Default: 10,000. */
  readonly numExamples?: number | undefined;
  /** What was trained. Default: the task of the run, or the one whose input and output a frozen graph has. */
  readonly task?: Task | undefined;
  /** Name of one of the task's datasets. Default: that of the run, or the task's first. */
  readonly dataset?: string | undefined;
  /** Folder of the dataset's files; missing ones are downloaded into it. Default: `data`. */
  readonly dataDir?: string | undefined;
  /** Mirror to download the dataset from. */
  readonly dataUrl?: string | undefined;
  /** Images in a batch; default: 128. */
  readonly batchSize?: number | undefined;
  /** Engine to compute with, as `selectEngine` takes it. */
  readonly engine?: string | undefined;
  readonly backend?: string | undefined;
  /** Kernels of the simd engine: `auto`, `native` or `wasm`. */
  readonly kernels?: string | undefined;
  /** Computing threads of the simd engine. */
  readonly threads?: number | undefined;
  /** Called with lines that say which engine computes and why, and what the evaluation waits for. */
  readonly onNotice?: ((line: string) => void) | undefined;
  /** Called with the progress of the dataset's download. */
  readonly onDownload?: OnProgress | undefined;
  /** Called after every batch with the number of pictures evaluated so far, and of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** When it aborts, the evaluation ends after the current batch and throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Options for the evaluation of a checkpoint. */
export interface EvaluateCheckpointJob extends EvaluateOptions {
  /** A folder whose newest checkpoint to evaluate, or the prefix of a checkpoint, such as `DIR/model.ckpt-100`. */
  readonly checkpointDir: string;
  readonly model?: undefined;
  /** Which values of the variables to use; default: `moving averages`. */
  readonly weights?: Weights | undefined;
  /** Folder for an event file that TensorBoard shows; by default none is written. */
  readonly evalDir?: string | undefined;
}

/** Options for the evaluation of a frozen graph. */
export interface EvaluateModelJob extends EvaluateOptions {
  /** Path of a frozen graph, as `strip` writes it. */
  readonly model: string;
  readonly checkpointDir?: undefined;
  /** The node that gives the logits; by default the only one that no other node reads. */
  readonly outputNodeName?: string | undefined;
}

export type EvaluateJob = EvaluateCheckpointJob | EvaluateModelJob;

/** The result of an evaluation. */
export interface Evaluation extends Accuracy {
  /** The prefix of the checkpoint, or the file of the frozen graph. */
  readonly source: string;
  /** The step of the checkpoint, if its name contains it. */
  readonly step?: number | undefined;
  readonly weights: Weights | 'frozen';
  /** Names of the classes, by label. */
  readonly classNames: readonly string[];
}

/**
 * The accuracy of a checkpoint, with its masks applied, or of a frozen graph.
 *
 * @throws UserError `checkpoint`, `graph` or `file` if the model cannot be read or is of another network, `dataset` or `network`
 *   if the pictures are damaged or cannot be downloaded, `engine`, `argument`; the signal's reason
 *
 * @example
 * const { accuracy } = await evaluate({ checkpointDir: 'run', weights: 'raw weights' });
 */
export async function evaluate(job: EvaluateJob): Promise<Evaluation> {
  const { numExamples, batchSize } = job;
  expectCounts({ batchSize, ...(numExamples !== Number.POSITIVE_INFINITY && { numExamples }) });
  if (job.model !== undefined) return evaluateModel(job);
  if (job.checkpointDir === undefined)
    throw new UserError(
      'argument',
      'evaluate is given neither checkpointDir nor model, expected one of them',
    );
  const checkpoint = await openExisting(job.checkpointDir);
  let evaluator: CheckpointEvaluator | undefined;
  try {
    evaluator = await openEvaluator(checkpoint.prefix, job);
    return await evaluator.evaluate(checkpoint);
  } finally {
    await checkpoint.close();
    await evaluator?.close();
  }
}

async function evaluateModel(job: EvaluateModelJob): Promise<Evaluation> {
  const { model: source, outputNodeName: output, engine, backend, kernels, threads } = job;
  const model = await loadFrozenModel(source, { output, engine, backend, kernels, threads });
  try {
    const task = job.task ?? taskOfModel(model, job.dataset);
    const dataset = datasetOf(task, job.dataset);
    const examples = await loadExamples(task, dataset, job);
    job.onNotice?.(model.reason);
    const accuracy = await evaluateFrozenModel(model, examples);
    return { ...accuracy, source, weights: 'frozen', classNames: dataset.classNames };
  } finally {
    await model.dispose();
  }
}

/** Evaluates one checkpoint after the other on the same pictures. */
export interface CheckpointEvaluator {
  /** @throws as {@link evaluate} does */
  evaluate(checkpoint: HeldCheckpoint): Promise<Evaluation>;
  /** Closes the event file and frees the engine. */
  close(): Promise<void>;
}

/**
 * Loads the pictures and opens an engine.
 *
 * @param prefix prefix of the first checkpoint: its run decides the task and the dataset unless the options do
 * @throws as {@link evaluate} does
 */
export async function openEvaluator(
  prefix: string,
  job: Omit<EvaluateCheckpointJob, 'checkpointDir'>,
): Promise<CheckpointEvaluator> {
  const { weights = EVALUATE_DEFAULTS.weights, evalDir, engine: named, backend, kernels, threads } = job;
  const { task, dataset } = await evaluatedOn(prefix, job);
  const examples = await loadExamples(task, dataset, job);
  const choice = { engine: named, backend, kernels, threads, network: task.network };
  const { engine, reason } = await selectEngine(choice);
  job.onNotice?.(reason);
  let events: EventWriter | undefined;
  return {
    async evaluate(held) {
      const { checkpoint, ...result } = await evaluateOpenCheckpoint(held, engine, weights, examples);
      if (evalDir !== undefined) {
        events ??= new EventWriter(evalDir);
        events.add(result.step ?? 0, evaluationSummaries(result.accuracy));
      }
      return { ...result, source: checkpoint, classNames: dataset.classNames };
    },
    async close() {
      events?.close();
      await engine.dispose();
    },
  };
}

/** Task and dataset: from the options or, if they are left out, from the run that wrote the checkpoint. */
async function evaluatedOn(
  prefix: string,
  job: EvaluateOptions,
): Promise<{ task: Task; dataset: DatasetSource }> {
  if (job.task) return { task: job.task, dataset: datasetOf(job.task, job.dataset) };
  const { task, settings } = await taskBehind(prefix);
  return { task, dataset: datasetOf(task, job.dataset ?? settings.dataset) };
}

async function loadExamples(task: Task, dataset: DatasetSource, job: EvaluateOptions): Promise<Examples> {
  const { signal, onNotice, onProgress } = job;
  const all = await dataset.load(job.split ?? EVALUATE_DEFAULTS.split, {
    dataDir: job.dataDir ?? EVALUATE_DEFAULTS.dataDir,
    url: job.dataUrl,
    onProgress: job.onDownload,
    onWait: onNotice,
    signal,
  });
  const records = firstExamples(all, job.numExamples ?? EVALUATE_DEFAULTS.numExamples);
  return {
    task,
    records,
    batchSize: job.batchSize ?? EVALUATE_DEFAULTS.batchSize,
    onProgress: (done) => onProgress?.(done, records.count),
    signal,
  };
}
