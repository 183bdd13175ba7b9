import { hparamsHelp } from '../../hparams/index.ts';
import { TRAIN_DEFAULTS } from '../../jobs/defaults.ts';
import { redactedAddress } from '../../redacted.ts';
import { DEFAULT_TASK, taskNamed } from '../../tasks/index.ts';
import type { StepReport, TrainResult } from '../../train/index.ts';
import { defineCommand } from '../command.ts';
import { commandLine, nextCommands, notAtDefault } from '../command-line.ts';
import type { Context } from '../context.ts';
import { type FlagGroups, type FlagValues, integer, path, seconds, text, toggle } from '../flag.ts';
import { DATA_FLAGS, ENGINE_FLAGS, JSON_FLAG, ofTheRun, TASK_FLAG } from '../shared-flags.ts';

export const trainFlags = {
  'What you need': {
    train_dir: path({
      default: '/tmp/cifar10_train',
      doc: 'Folder for checkpoints and event files; a run that is there already is continued',
    }),
    pruning_hparams: text({
      default: undefined,
      placeholder: 'name=value,...',
      doc: `How to prune, see below ${ofTheRun('to 50% by step 100')}`,
    }),
    max_steps: integer({ default: 1_000_000, min: 1, doc: 'Step to train to' }),
  },
  Data: DATA_FLAGS,
  Training: {
    ...TASK_FLAG,
    batch_size: integer({
      default: undefined,
      min: 1,
      doc: `Images in a batch ${ofTheRun(DEFAULT_TASK.recipe.batchSize)}`,
    }),
    seed: integer({
      default: undefined,
      doc: `Decides initial weights, the order of the pictures and their augmentation ${ofTheRun(1)}`,
    }),
    overwrite: toggle('Start anew although train_dir holds a run; its files are deleted'),
    override_hparams: toggle(
      'Continue a run although seed, hparams, batch size or dataset differ from its own',
    ),
  },
  Output: {
    save_checkpoint_secs: seconds({
      default: TRAIN_DEFAULTS.saveCheckpointSecs,
      doc: 'Seconds from one checkpoint to the next',
    }),
    save_checkpoint_steps: integer({
      default: undefined,
      min: 1,
      doc: 'Steps from one checkpoint to the next, instead of seconds',
    }),
    keep_checkpoint_max: integer({
      default: TRAIN_DEFAULTS.keepCheckpoints,
      min: 1,
      doc: 'Newest checkpoints to keep',
    }),
    save_summaries_steps: integer({
      default: TRAIN_DEFAULTS.saveSummariesSteps,
      min: 1,
      doc: 'Steps from one summary for TensorBoard to the next',
    }),
    log_frequency: integer({ default: 10, min: 1, doc: 'Steps from one log line to the next' }),
    evaluate: toggle(
      'At the end, measure the accuracy on the test set, with the moving averages and with the weights themselves',
    ),
    ...JSON_FLAG,
  },
  Engine: {
    ...ENGINE_FLAGS,
    log_device_placement: toggle('Say where each operation of the graph is computed'),
  },
} satisfies FlagGroups;

export type TrainFlags = FlagValues<typeof trainFlags>;

export const trainCommand = defineCommand({
  name: 'train',
  alias: 'cifar10_train',
  summary: 'Train the CIFAR-10 network and prune it on the way',
  flags: trainFlags,
  footer: (layout) => {
    const { clauses, refused } = hparamsHelp();
    const others = `Not supported yet, refused unless at their defaults: ${refused.join(', ')}`;
    return `Pruning hparams, with their defaults:\n${layout.items(clauses)}\n\n${layout.paragraph(others)}\n`;
  },
  examples: [
    'cifar10-prune train --train_dir=runs/a --pruning_hparams="target_sparsity=0.9, sparsity_function_end_step=5000"',
    'cifar10-prune train --dataset=synthetic --max_steps=200',
  ],
  async run(flags, context) {
    const result = await runTraining(flags, context);
    const { endTraining } = await import('../training-result.ts');
    await endTraining(result, flags, context);
  },
});

interface TrainingHooks {
  /** What to tell a user who interrupts the training; by default the command that continues it. */
  readonly howToContinue?: string;
  readonly onStep?: (report: StepReport) => void;
}

/**
 * Trains and shows the progress. The caller prints the result.
 *
 * @throws UserError as `train` does; Interrupted after a signal, once a checkpoint is saved and the user has been told how
 *   to continue
 */
export async function runTraining(
  flags: TrainFlags,
  context: Context,
  { howToContinue, onStep }: TrainingHooks = {},
): Promise<TrainResult> {
  const { train } = await import('../../jobs/index.ts');
  const { trainingOutput } = await import('../training-output.ts');
  const { stdout, stderr } = context;
  const signal = context.interruption();
  const output = await trainingOutput(context, { json: flags.json, logFrequency: flags.log_frequency });
  const result = await train({
    trainDir: flags.train_dir,
    maxSteps: flags.max_steps,
    task: flags.task === undefined ? undefined : taskNamed(flags.task, '--task'),
    pruningHparams: flags.pruning_hparams,
    dataset: flags.dataset,
    batchSize: flags.batch_size,
    seed: flags.seed,
    dataDir: flags.data_dir,
    dataUrl: flags.data_url,
    engine: flags.engine,
    backend: flags.backend,
    kernels: flags.kernels,
    threads: flags.threads,
    logDevicePlacement: flags.log_device_placement,
    saveCheckpointSecs: flags.save_checkpoint_secs,
    saveCheckpointSteps: flags.save_checkpoint_steps,
    saveSummariesSteps: flags.save_summaries_steps,
    keepCheckpoints: flags.keep_checkpoint_max,
    overwrite: flags.overwrite,
    overrideHparams: flags.override_hparams,
    flags: given({ ...flags, data_url: flags.data_url && redactedAddress(flags.data_url) }),
    observer: {
      ...output,
      step(report) {
        output.step(report);
        onStep?.(report);
      },
    },
    signal,
  }).finally(output.end);
  if (result.interrupted) {
    if (flags.json) stdout.write(`${JSON.stringify(result)}\n`);
    const { step, checkpoint } = result;
    const next = howToContinue ?? nextCommands('to continue:', [continuation(flags)]);
    stderr.write(`interrupted at step ${step}, checkpoint saved: ${checkpoint}\n${next}\n`);
    signal.throwIfAborted();
  }
  return result;
}

/** A run stores the first five itself; the others would start it anew, or are no longer needed. */
const NOT_REPEATED = new Set([
  ...['task', 'seed', 'pruning_hparams', 'dataset', 'batch_size'],
  ...['overwrite', 'override_hparams', 'data_url'],
]);

/** The command that continues a run. */
function continuation({ train_dir, ...others }: TrainFlags): string {
  const repeated = Object.entries(notAtDefault(trainFlags, others)).filter(
    ([name]) => !NOT_REPEATED.has(name),
  );
  return commandLine('train', { train_dir, ...Object.fromEntries(repeated) });
}

/** The entries that have a value. */
function given<Values extends object>(values: Values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Values]?: Exclude<Values[Name], undefined>;
  };
}
