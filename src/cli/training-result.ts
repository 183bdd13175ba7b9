import { join } from 'node:path';
import type { Evaluation } from '../jobs/index.ts';
import type { TrainResult } from '../train/index.ts';
import {
  commandLine,
  type FlagsGiven,
  nextCommands,
  notAtDefault,
  tensorboardCommand,
} from './command-line.ts';
import type { Context } from './context.ts';
import { formatDuration, formatPercent } from './format.ts';
import { DATA_FLAGS } from './shared-flags.ts';
import { formatTable } from './table.ts';
import { evaluateOnTestSet, type TestSetAccuracy } from './test-set.ts';

interface EndOptions extends Omit<Parameters<typeof evaluateOnTestSet>[1], 'num_examples'> {
  readonly train_dir: string;
  readonly evaluate: boolean;
  readonly json: boolean;
}

/** Evaluates a trained run if `evaluate` is set, and prints the result and the commands to type next. */
export async function endTraining(result: TrainResult, options: EndOptions, context: Context): Promise<void> {
  const { stdout } = context;
  const { train_dir, evaluate, json } = options;
  if (!json) stdout.write(`${describeTraining(result)}\n`);
  const testSet = evaluate
    ? await evaluateOnTestSet(train_dir, { ...options, num_examples: Number.POSITIVE_INFINITY }, context)
    : undefined;
  const next = nextAfterTraining(options);
  if (json) {
    const test_set = testSet && { averages: toJson(testSet.averages), raw: toJson(testSet.raw) };
    stdout.write(`${JSON.stringify({ ...result, test_set, next })}\n`);
  } else {
    const lines = [...(testSet ? [describeTestSet(testSet)] : []), nextCommands('next:', next)];
    stdout.write(`${lines.join('\n')}\n`);
  }
  // Ctrl-C in the last step comes too late to stop the training; it takes effect here.
  context.interruption().throwIfAborted();
}

const toJson = ({ accuracy, correct, count }: Evaluation) => ({ accuracy, correct, count });

/** The result of a training, with the sparsity of each layer. */
export function describeTraining(result: TrainResult): string {
  const { layers, sparsity } = result;
  const weights = layers.reduce((sum, layer) => sum + layer.weights, 0);
  return [
    headline(result),
    formatTable(
      ['layer', 'weights', 'zeros', 'threshold'],
      [
        ...layers.map((layer) => [
          layer.name,
          String(layer.weights),
          formatPercent(layer.sparsity),
          layer.threshold.toPrecision(3),
        ]),
        ['total', String(weights), formatPercent(sparsity), ''],
      ],
    ),
  ].join('\n');
}

function headline({ step, steps, seconds, loss, accuracy, checkpoint }: TrainResult): string {
  if (loss === undefined || accuracy === undefined)
    return `nothing to do: the run is at step ${step}; give a larger --max_steps to continue it`;
  const count = steps === 1 ? '1 step' : `${steps} steps`;
  return [
    `trained to step ${step}: ${count} in ${formatDuration(seconds)}, checkpoint ${checkpoint}`,
    `last batch: loss ${loss.toFixed(2)}, accuracy ${formatPercent(accuracy)}`,
  ].join('\n');
}

/** `test set: accuracy 76.4% (moving averages), 73.6% (raw weights)` */
export function describeTestSet({ averages, raw }: TestSetAccuracy): string {
  const shown = ({ accuracy, weights }: Evaluation) => `${formatPercent(accuracy)} (${weights})`;
  return `test set: accuracy ${shown(averages)}, ${shown(raw)}`;
}

/** The commands that a user of a trained run types next. */
function nextAfterTraining({ train_dir, evaluate, data_dir }: EndOptions): string[] {
  const evaluation: FlagsGiven = {
    checkpoint_dir: train_dir,
    eval_dir: join(train_dir, 'eval'),
    ...notAtDefault({ DATA_FLAGS }, { data_dir }),
    run_once: true,
  };
  return [
    ...(evaluate ? [] : [commandLine('eval', evaluation)]),
    commandLine('strip', { checkpoint_dir: train_dir, output_dir: train_dir }),
    tensorboardCommand(train_dir),
  ];
}
