import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { Evaluation } from '../jobs/index.ts';
import { evalFlags } from './commands/eval.ts';
import type { Context } from './context.ts';
import { type EvaluationOptions, evaluateCheckpointOnce } from './evaluation.ts';
import { defaultValues } from './flag.ts';

/** The accuracy of a run's newest checkpoint, with the moving averages of its weights and with the weights themselves. */
export interface TestSetAccuracy {
  readonly averages: Evaluation;
  readonly raw: Evaluation;
}

type Options = Pick<
  EvaluationOptions,
  'dataset' | 'data_dir' | 'data_url' | 'engine' | 'backend' | 'kernels' | 'threads' | 'num_examples'
>;

/**
 * Evaluates a run's newest checkpoint on the test set, once with the moving averages and once with the weights themselves, and
 * writes both results into event files in the run's folder.
 *
 * @param context nothing is written to its stdout
 */
export async function evaluateOnTestSet(
  trainDir: string,
  { dataset, data_dir, data_url, engine, backend, kernels, threads, num_examples }: Options,
  context: Context,
): Promise<TestSetAccuracy> {
  const quiet = { ...context, stdout: new Writable({ write: (_chunk, _encoding, done) => done() }) };
  const options = {
    ...defaultValues(evalFlags),
    ...{ dataset, data_dir, data_url, engine, backend, kernels, threads, num_examples },
    checkpoint_dir: trainDir,
  };
  const evaluate = (raw: boolean, folder: string) =>
    evaluateCheckpointOnce({ ...options, raw, eval_dir: join(trainDir, folder) }, quiet);
  return { averages: await evaluate(false, 'eval'), raw: await evaluate(true, 'eval_raw') };
}
