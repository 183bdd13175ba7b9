import { availableParallelism, cpus } from 'node:os';
import { type HeldCheckpoint, openLatest } from '../checkpoint/index.ts';
import type { DatasetSource, Records } from '../dataset/index.ts';
import type { Engine } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { evaluateOpenCheckpoint, firstMistakes, hasAverages, type Weights } from '../eval/index.ts';
import { DEFAULT_HPARAMS, parseHparams } from '../hparams/index.ts';
import { GLOBAL_STEP, pruningNameIn } from '../model/names.ts';
import { type Network, weightedLayers } from '../model/network.ts';
import { printable } from '../printable.ts';
import { type RunResult, readWholeResult } from '../sweep/result.ts';
import { datasetOf, type Task } from '../tasks/task.ts';
import { keptSettings } from '../train/index.ts';
import { readRunEvents } from './curves.ts';
import { type FoundRun, findRuns } from './find-runs.ts';
import { readLayers } from './layers.ts';
import { mistakeOf } from './mistakes.ts';
import type { Curve, ReportData, ReportedAccuracy, ReportedLayer, ReportedRun } from './report-data.ts';
import { reportedSettings } from './settings.ts';

export interface CollectOptions {
  /** Version of this package. */
  readonly version: string;
  /** Whether to evaluate runs whose accuracy is not known. */
  readonly evaluate: boolean;
  /** Number of wrongly classified pictures to show for each run. */
  readonly mistakes: number;
  /** The task of checkpoints that another program wrote. */
  readonly defaultTask: Task;
  /** The task that the settings of a run name. @throws UserError if there is no such task */
  readonly taskNamed: (name: string, where: string) => Task;
  /** Gives an engine for a network; called only if something must be computed. */
  readonly engine: (network: Network) => Promise<Engine>;
  /**
   * Loads the pictures of a test set.
   *
   * @param isNeeded false if the report can do without the pictures: the result is then undefined if they are not downloaded yet
   */
  readonly testSet: (dataset: DatasetSource, isNeeded: boolean) => Promise<Records | undefined>;
  /** Called with lines that say what the report lacks. */
  readonly onNotice: (line: string) => void;
  /** Called before each run is read. */
  readonly onRun?: (name: string, index: number, count: number) => void;
  /** When it aborts, the work ends after the current run or batch and throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const BATCH_SIZE = 128;
/** Number of classes to show for a wrongly classified picture. */
const TOP_CLASSES = 3;

/**
 * Collects the data of a report from runs in some folders: train_dirs, sweep_dirs, and folders that contain some of these.
 *
 * @throws UserError if there is no run, the runs have different datasets, or a file of a run is damaged
 */
export async function collectReport(dirs: readonly string[], options: CollectOptions): Promise<ReportData> {
  const found = await findRuns(dirs);
  const runs: ReportedRun[] = [];
  const datasets = new Map<DatasetSource, string>();
  for (const [index, run] of found.entries()) {
    options.signal?.throwIfAborted();
    options.onRun?.(run.name, index, found.length);
    const checkpoint = await openLatest(run.folder);
    if (!checkpoint) {
      options.onNotice(`${printable(run.name)} has no checkpoint yet, and is left out`);
      continue;
    }
    try {
      const { reported, dataset } = await collectRun(run, checkpoint, options);
      datasets.set(dataset, run.name);
      refuseSeveral(datasets);
      runs.push(reported);
    } finally {
      await checkpoint.close();
    }
  }
  const [dataset] = datasets.keys();
  if (dataset === undefined)
    throw new UserError(
      'checkpoint',
      `no run in ${dirs.map((dir) => printable(dir)).join(', ')} has a checkpoint yet`,
      'Wait until the first one is saved.',
    );
  return {
    version: options.version,
    madeAt: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      node: process.version,
    },
    classNames: dataset.classNames,
    runs,
  };
}

function refuseSeveral(datasets: ReadonlyMap<DatasetSource, string>): void {
  const [first, second] = datasets;
  if (!first || !second) return;
  throw new UserError(
    'argument',
    `${printable(first[1])} was trained on ${first[0].name} and ${printable(second[1])} on ${second[0].name}, expected one dataset`,
    'Make one report for each dataset.',
  );
}

async function collectRun(
  { name, folder, planned = {} }: FoundRun,
  checkpoint: HeldCheckpoint,
  options: CollectOptions,
): Promise<{ reported: ReportedRun; dataset: DatasetSource }> {
  const kept = await keptSettings(checkpoint.prefix);
  if (kept?.notice !== undefined) options.onNotice(kept.notice);
  const task = kept ? options.taskNamed(kept.settings.task, `the run in ${folder}`) : options.defaultTask;
  const dataset = datasetOf(task, kept?.settings.dataset);
  const step = checkpoint.step ?? Number((await checkpoint.read(GLOBAL_STEP)).data[0]);
  const layerNames = weightedLayers(task.network).map((layer) => layer.name);
  const pruningName = kept
    ? parseHparams(kept.settings.pruning_hparams).name
    : (pruningNameIn(checkpoint.names) ?? DEFAULT_HPARAMS.name);
  const { curves, sparsities, trainingSeconds } = await readRunEvents(folder, pruningName, layerNames);
  const layers = await readLayers(checkpoint, task.network, sparsities);
  const result = await resultOf(name, folder, step, options);
  const accuracies =
    result ?? (await evaluated(checkpoint, task, dataset, options)) ?? told(curves.precision, step);
  return {
    dataset,
    reported: {
      name,
      folder,
      settings: reportedSettings(result?.settings ?? planned, kept?.settings),
      step,
      sparsity: totalSparsity(layers),
      ...(trainingSeconds > 0 && { trainingSeconds }),
      ...(accuracies?.averages && { averages: accuracyOf(accuracies.averages) }),
      ...(accuracies?.raw && { raw: accuracyOf(accuracies.raw) }),
      models: (result?.exports ?? []).map(({ format, weightFormat, bytes, gzippedBytes }) => ({
        format,
        weightFormat,
        bytes,
        gzippedBytes,
      })),
      timings: (result?.timings ?? []).map(({ threads, ...time }) =>
        threads === undefined ? time : { ...time, threads },
      ),
      curves,
      layers,
      mistakes: await mistakesOf(checkpoint, task, dataset, options),
    },
  };
}

/** The result that a sweep has stored; undefined if the run was trained further since. */
async function resultOf(
  name: string,
  folder: string,
  step: number,
  { onNotice }: CollectOptions,
): Promise<RunResult | undefined> {
  const result = await readWholeResult(folder);
  if (!result || result.step === step) return result;
  onNotice(
    `${printable(name)} is at step ${step}, and its result.json of step ${result.step}: accuracy, sizes and times are left out`,
  );
  return undefined;
}

interface Accuracies {
  readonly averages?: ReportedAccuracy;
  readonly raw?: ReportedAccuracy;
}

async function evaluated(
  checkpoint: HeldCheckpoint,
  task: Task,
  dataset: DatasetSource,
  options: CollectOptions,
): Promise<Accuracies | undefined> {
  if (!options.evaluate) return undefined;
  const records = await options.testSet(dataset, true);
  if (!records) return undefined;
  const engine = await options.engine(task.network);
  const examples = { task, records, batchSize: BATCH_SIZE, signal: options.signal };
  const accuracy = (weights: Weights) => evaluateOpenCheckpoint(checkpoint, engine, weights, examples);
  return {
    ...(hasAverages(checkpoint) && { averages: await accuracy('moving averages') }),
    raw: await accuracy('raw weights'),
  };
}

/** The accuracy of the newest checkpoint from the event files of evaluations. */
function told(precision: Curve | undefined, step: number): Accuracies | undefined {
  if (precision?.steps.at(-1) !== step) return undefined;
  return { averages: { accuracy: precision.values.at(-1)! } };
}

function accuracyOf({ accuracy, correct, count, confusion }: ReportedAccuracy): ReportedAccuracy {
  return { accuracy, ...(confusion && { correct, count, confusion }) };
}

async function mistakesOf(
  checkpoint: HeldCheckpoint,
  task: Task,
  dataset: DatasetSource,
  options: CollectOptions,
) {
  if (options.mistakes === 0) return [];
  const records = await options.testSet(dataset, false);
  if (!records) return [];
  const weights = hasAverages(checkpoint) ? 'moving averages' : 'raw weights';
  const mistakes = await firstMistakes(
    checkpoint,
    await options.engine(task.network),
    weights,
    { task, records, batchSize: BATCH_SIZE, signal: options.signal },
    { count: options.mistakes, top: TOP_CLASSES },
  );
  return mistakes.map((mistake) => mistakeOf(mistake, records));
}

function totalSparsity(layers: readonly ReportedLayer[]): number {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const masked = sum(layers.map(({ histogram }) => histogram.masked));
  return masked / sum(layers.map(({ weights }) => weights));
}
