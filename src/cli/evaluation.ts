import { type HeldCheckpoint, openExisting } from '../checkpoint/index.ts';
import type { DatasetSource, Split } from '../dataset/index.ts';
import { selectEngine } from '../engine/select.ts';
import { type Examples, evaluateFrozenModel, evaluateOpenCheckpoint, firstExamples } from '../eval/index.ts';
import { loadFrozenModel } from '../runtime/index.ts';
import { EventWriter, evaluationSummaries } from '../summary/index.ts';
import { datasetOf, type Task } from '../tasks/index.ts';
import type { Context } from './context.ts';
import { downloadProgress } from './download-progress.ts';
import { type Evaluation, type EvaluationOutputOptions, formatEvaluation } from './evaluation-output.ts';
import { liveLine } from './live-line.ts';
import { newCheckpoints } from './new-checkpoints.ts';
import { taskBehind, taskOfModel } from './task.ts';

export interface EvaluationOptions extends EvaluationOutputOptions {
  readonly eval_data: 'test' | 'train_eval';
  readonly num_examples: number;
  /** That of the run unless given. */
  readonly dataset: string | undefined;
  readonly data_dir: string;
  readonly data_url: string | undefined;
  readonly batch_size: number;
  readonly engine: string;
  readonly backend: string;
  readonly threads: number | undefined;
  /** Of a frozen graph. */
  readonly output_node_name: string | undefined;
}

export interface CheckpointEvaluationOptions extends EvaluationOptions {
  /** A folder of checkpoints, or the prefix of one. */
  readonly checkpoint_dir: string;
  readonly raw: boolean;
  readonly eval_interval_secs: number;
  readonly eval_dir: string;
}

/** Evaluates a frozen graph. */
export async function evaluateModelFile(
  path: string,
  options: EvaluationOptions,
  context: Context,
): Promise<Evaluation> {
  const model = await loadFrozenModel(path, { ...options, output: options.output_node_name });
  try {
    const task = taskOfModel(model, options.dataset);
    const session = await openSession(task, datasetOf(task, options.dataset), options, context);
    session.notice(model.reason);
    const accuracy = await session.evaluate((examples) => evaluateFrozenModel(model, examples));
    return session.show({ ...accuracy, source: path, weights: 'frozen' });
  } finally {
    await model.dispose();
  }
}

/** Evaluates the newest checkpoint of a folder. */
export async function evaluateCheckpointOnce(
  options: CheckpointEvaluationOptions,
  context: Context,
): Promise<Evaluation> {
  const checkpoint = await openExisting(options.checkpoint_dir);
  let evaluator: CheckpointEvaluator | undefined;
  try {
    evaluator = await openEvaluator(checkpoint.prefix, options, context);
    return await evaluator.evaluate(checkpoint);
  } finally {
    await checkpoint.close();
    await evaluator?.close();
  }
}

/** Evaluates the newest checkpoint of a folder, and every newer one, until it is interrupted. */
export async function evaluateCheckpoints(
  options: CheckpointEvaluationOptions,
  context: Context,
): Promise<void> {
  const { checkpoint_dir, eval_interval_secs } = options;
  const onMissing = (problem: string) =>
    context.stderr.write(`${problem}, next look in ${eval_interval_secs} s\n`);
  let evaluator: CheckpointEvaluator | undefined;
  try {
    const checkpoints = newCheckpoints(checkpoint_dir, eval_interval_secs, context.interruption(), onMissing);
    for await (const checkpoint of checkpoints) {
      evaluator ??= await openEvaluator(checkpoint.prefix, options, context);
      await evaluator.evaluate(checkpoint);
    }
  } finally {
    await evaluator?.close();
  }
}

interface CheckpointEvaluator {
  evaluate(checkpoint: HeldCheckpoint): Promise<Evaluation>;
  close(): Promise<void>;
}

async function openEvaluator(
  prefix: string,
  options: CheckpointEvaluationOptions,
  context: Context,
): Promise<CheckpointEvaluator> {
  const { task, settings } = await taskBehind(prefix);
  const dataset = datasetOf(task, options.dataset ?? settings.dataset);
  const session = await openSession(task, dataset, options, context);
  const { engine, reason } = await selectEngine({ ...options, network: task.network });
  session.notice(reason);
  let events: EventWriter | undefined;
  const weights = options.raw ? 'raw weights' : 'moving averages';
  return {
    async evaluate(checkpoint) {
      const result = await session.evaluate((examples) =>
        evaluateOpenCheckpoint(checkpoint, engine, weights, examples),
      );
      events ??= new EventWriter(options.eval_dir);
      events.add(result.step ?? 0, evaluationSummaries(result.accuracy));
      return session.show({ ...result, source: result.checkpoint });
    },
    async close() {
      events?.close();
      await engine.dispose();
    },
  };
}

/** Loads the pictures, and shows what becomes of them. */
async function openSession(task: Task, dataset: DatasetSource, options: EvaluationOptions, context: Context) {
  const { stdout, stderr } = context;
  const signal = context.interruption();
  const live = options.json ? undefined : await liveLine(stderr);
  const clear = () => live?.clear();
  const records = await dataset
    .load(SPLITS[options.eval_data], {
      dataDir: options.data_dir,
      url: options.data_url,
      onProgress: downloadProgress(stderr, live),
      onWait: (line) => void stderr.write(`${line}\n`),
      signal,
    })
    .finally(clear);
  const examples: Examples = {
    task,
    records: firstExamples(records, options.num_examples),
    batchSize: options.batch_size,
    onProgress: (done) => live?.update([`evaluated ${done}/${examples.records.count} images`]),
    signal,
  };
  return {
    notice: (line: string) => stderr.write(`${line}\n`),
    evaluate: <Result>(run: (examples: Examples) => Promise<Result>) => run(examples).finally(clear),
    /** Prints it. */
    show: (accuracy: Omit<Evaluation, 'classNames'>): Evaluation => {
      const evaluation = { ...accuracy, classNames: dataset.classNames };
      stdout.write(`${formatEvaluation(evaluation, new Date(), options)}\n`);
      return evaluation;
    },
  };
}

/** The splits by the names that the flag --eval_data gives them. */
export const SPLITS: Readonly<Record<EvaluationOptions['eval_data'], Split>> = {
  test: 'test',
  train_eval: 'train',
};
