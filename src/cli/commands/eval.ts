import { UserError } from '../../errors.ts';
import { EVALUATE_DEFAULTS } from '../../jobs/defaults.ts';
import { defineCommand } from '../command.ts';
import { choice, type FlagGroups, integer, path, seconds, toggle } from '../flag.ts';
import { DATA_FLAGS, ENGINE_FLAGS, JSON_FLAG, OUTPUT_NODE_FLAG } from '../shared-flags.ts';

export const evalFlags = {
  'What to evaluate': {
    checkpoint_dir: path({
      default: '/tmp/cifar10_train',
      doc: 'Folder of a training run; its newest checkpoint is evaluated',
    }),
    raw: toggle('Evaluate the weights themselves instead of their moving averages'),
    model: path({
      default: undefined,
      placeholder: 'FILE.pb',
      doc: 'Evaluate this frozen graph, once, instead of checkpoints',
    }),
    ...OUTPUT_NODE_FLAG,
  },
  'On which pictures': {
    eval_data: choice(['test', 'train_eval'], {
      default: EVALUATE_DEFAULTS.split,
      doc: 'The test set, or the training set',
    }),
    num_examples: integer({
      default: EVALUATE_DEFAULTS.numExamples,
      min: 1,
      doc: 'Pictures to evaluate, each once',
    }),
    ...DATA_FLAGS,
    batch_size: integer({ default: EVALUATE_DEFAULTS.batchSize, min: 1, doc: 'Images in a batch' }),
  },
  'How often': {
    run_once: toggle('Evaluate the newest checkpoint and exit'),
    eval_interval_secs: seconds({
      default: 300,
      doc: 'Seconds between two looks for a new checkpoint',
    }),
  },
  Output: {
    eval_dir: path({ default: '/tmp/cifar10_eval', doc: 'Folder of event files for TensorBoard' }),
    per_class: toggle('Also print the accuracy of every class'),
    confusion_matrix: toggle('Also print how often images of each class were predicted as each class'),
    ...JSON_FLAG,
  },
  Engine: ENGINE_FLAGS,
} satisfies FlagGroups;

export const evalCommand = defineCommand({
  name: 'eval',
  alias: 'cifar10_eval',
  summary: 'Measure the accuracy of a checkpoint or of a frozen graph',
  flags: evalFlags,
  examples: [
    'cifar10-prune eval --checkpoint_dir=runs/a --run_once --per_class',
    'cifar10-prune eval --model=runs/a/pruning_stripped.pb',
  ],
  async run(flags, context) {
    const { evaluateCheckpointOnce, evaluateCheckpoints, evaluateModelFile } = await import(
      '../evaluation.ts'
    );
    if (flags.model !== undefined && flags.raw)
      throw new UserError(
        'usage',
        '--raw does not go with --model: a frozen graph holds one set of weights',
        'Leave --raw out: which weights are in the graph was decided when it was stripped.',
      );
    if (flags.model !== undefined) await evaluateModelFile(flags.model, flags, context);
    else if (flags.run_once) await evaluateCheckpointOnce(flags, context);
    else await evaluateCheckpoints(flags, context);
  },
});
