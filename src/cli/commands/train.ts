import { hparamsHelp } from '../../hparams/index.ts';
import { defineCommand } from '../command.ts';
import { integer, path, seconds, text, toggle } from '../flag.ts';
import { BATCH_FLAGS, DATA_FLAGS, ENGINE_FLAGS, JSON_FLAG } from '../shared-flags.ts';

export const trainCommand = defineCommand({
  name: 'train',
  alias: 'cifar10_train',
  summary: 'Train the CIFAR-10 network and prune it on the way',
  flags: {
    'What you need': {
      train_dir: path({
        default: '/tmp/cifar10_train',
        doc: 'Folder of checkpoints and event files; a run that is in it is continued',
      }),
      pruning_hparams: text({
        default: '',
        placeholder: 'name=value,...',
        doc: 'How to prune, see below; without any to 50% by step 100',
      }),
      max_steps: integer({ default: 1_000_000, min: 1, doc: 'Step to train to' }),
    },
    Data: DATA_FLAGS,
    Training: {
      ...BATCH_FLAGS,
      overwrite: toggle('Start anew where train_dir holds a run'),
      override_hparams: toggle('Continue a run although seed or hparams differ from its own'),
    },
    Output: {
      save_checkpoint_secs: seconds({ default: 600, doc: 'Seconds from one checkpoint to the next' }),
      save_checkpoint_steps: integer({
        default: undefined,
        min: 1,
        doc: 'Steps from one checkpoint to the next, instead of seconds',
      }),
      keep_checkpoint_max: integer({ default: 5, min: 1, doc: 'Newest checkpoints to keep' }),
      save_summaries_steps: integer({
        default: 100,
        min: 1,
        doc: 'Steps from one summary for TensorBoard to the next',
      }),
      log_frequency: integer({ default: 10, min: 1, doc: 'Steps from one log line to the next' }),
      ...JSON_FLAG,
    },
    Engine: ENGINE_FLAGS,
  },
  footer: () => `Pruning hparams, with their defaults:\n${hparamsHelp()}\n`,
  examples: [
    'cifar10-prune train --train_dir=runs/a --pruning_hparams=target_sparsity=0.9,sparsity_function_end_step=5000',
    'cifar10-prune train --dataset=synthetic --max_steps=200',
  ],
  async run() {},
});
