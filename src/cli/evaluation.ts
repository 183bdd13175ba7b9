import type { Split } from '../dataset/index.ts';
import { type EvaluateOptions, type Evaluation, evaluate, openEvaluator } from '../jobs/index.ts';
import type { Context } from './context.ts';
import { downloadProgress } from './download-progress.ts';
import { type EvaluationOutputOptions, formatEvaluation } from './evaluation-output.ts';
import { liveLine } from './live-line.ts';
import { newCheckpoints } from './new-checkpoints.ts';

export interface EvaluationOptions extends EvaluationOutputOptions {
  readonly eval_data: 'test' | 'train_eval';
  readonly num_examples: number;
  /** The dataset's name; by default that of the run. */
  readonly dataset: string | undefined;
  readonly data_dir: string;
  readonly data_url: string | undefined;
  readonly batch_size: number;
  readonly engine: string;
  readonly backend: string;
  readonly kernels: string;
  readonly threads: number | undefined;
  /** Node of a frozen graph to compute. */
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
  const { asked, show } = await openOutput(options, context);
  return show(evaluate({ ...asked, model: path, outputNodeName: options.output_node_name }));
}

/** Evaluates the newest checkpoint of a folder. */
export async function evaluateCheckpointOnce(
  options: CheckpointEvaluationOptions,
  context: Context,
): Promise<Evaluation> {
  const { asked, show } = await openOutput(options, context);
  return show(evaluate({ ...asked, ...ofCheckpoint(options), checkpointDir: options.checkpoint_dir }));
}

/** Evaluates the newest checkpoint of a folder, and every newer one, until it is interrupted. */
export async function evaluateCheckpoints(
  options: CheckpointEvaluationOptions,
  context: Context,
): Promise<void> {
  const { checkpoint_dir, eval_interval_secs } = options;
  const onMissing = (problem: string) =>
    context.stderr.write(`${problem}, next look in ${eval_interval_secs} s\n`);
  const { asked, show, clear } = await openOutput(options, context);
  let evaluator: Awaited<ReturnType<typeof openEvaluator>> | undefined;
  try {
    const checkpoints = newCheckpoints(checkpoint_dir, eval_interval_secs, context.interruption(), onMissing);
    for await (const checkpoint of checkpoints) {
      evaluator ??= await openEvaluator(checkpoint.prefix, { ...asked, ...ofCheckpoint(options) });
      await show(evaluator.evaluate(checkpoint));
    }
  } finally {
    clear();
    await evaluator?.close();
  }
}

const ofCheckpoint = ({ raw, eval_dir }: CheckpointEvaluationOptions) => ({
  weights: raw ? ('raw weights' as const) : ('moving averages' as const),
  evalDir: eval_dir,
});

/** The options that all evaluations share, and functions that show progress and results. */
async function openOutput(options: EvaluationOptions, context: Context) {
  const { stdout, stderr } = context;
  const live = options.json ? undefined : await liveLine(stderr);
  const clear = () => live?.clear();
  const { engine, backend, kernels, threads } = options;
  const asked: EvaluateOptions = {
    split: SPLITS[options.eval_data],
    numExamples: options.num_examples,
    dataset: options.dataset,
    dataDir: options.data_dir,
    dataUrl: options.data_url,
    batchSize: options.batch_size,
    ...{ engine, backend, kernels, threads },
    onNotice: (line) => {
      clear();
      stderr.write(`${line}\n`);
    },
    onDownload: downloadProgress(stderr, live),
    onProgress: (done, total) => live?.update([`evaluated ${done}/${total} images`]),
    signal: context.interruption(),
  };
  return {
    asked,
    clear,
    /** Prints the result once it is there. */
    show: async (evaluated: Promise<Evaluation>): Promise<Evaluation> => {
      const evaluation = await evaluated.finally(clear);
      stdout.write(`${formatEvaluation(evaluation, new Date(), options)}\n`);
      return evaluation;
    },
  };
}

/** The splits by their names in the flag --eval_data. */
export const SPLITS: Readonly<Record<EvaluationOptions['eval_data'], Split>> = {
  test: 'test',
  train_eval: 'train',
};
