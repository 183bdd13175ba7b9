import { UserError } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import { type Flag, type FlagGroups, integer, path, text, toggle } from '../flag.ts';
import { DATA_FLAGS, ENGINE_FLAGS, JSON_FLAG } from '../shared-flags.ts';
import { evalFlags } from './eval.ts';

/** A flag whose value is a number strictly between `low` and `high`. */
function between(low: number, high: number, doc: string): Flag<number | undefined> {
  return {
    ...text({ default: undefined, placeholder: 'X', doc }),
    default: undefined,
    expected: `a number between ${low} and ${high}`,
    parse: (given) => numbersBetween(low, high, given)?.[0],
  };
}

function numbersBetween(low: number, high: number, given: string): readonly number[] | undefined {
  const numbers = given.split(',').map((one) => (one.trim() === '' ? Number.NaN : Number(one)));
  return numbers.every((number) => number > low && number < high) ? numbers : undefined;
}

const SPARSITIES: Flag<readonly number[]> = {
  ...text({ default: '', placeholder: 'S,S', doc: 'Sparsities to prune each layer to' }),
  default: [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98],
  expected: 'numbers between 0 and 1, with commas between them',
  parse: (given) => numbersBetween(0, 1, given),
};

const sensitivityFlags = {
  'What to measure': {
    checkpoint_dir: path({
      default: '/tmp/cifar10_train',
      doc: 'Folder of a training run; its newest checkpoint is pruned, layer by layer',
    }),
    raw: toggle('Take the weights themselves instead of their moving averages'),
    sparsities: SPARSITIES,
  },
  'What to propose': {
    target: between(0, 1, 'Propose sparsities of the layers that give this total sparsity'),
    max_loss: between(
      0,
      100,
      'Propose sparsities of the layers that cost at most this many percent of accuracy, without training',
    ),
  },
  'On which pictures': {
    eval_data: evalFlags['On which pictures'].eval_data,
    num_examples: integer({ default: 2000, min: 1, doc: 'Pictures to evaluate' }),
    ...DATA_FLAGS,
  },
  Output: JSON_FLAG,
  Engine: ENGINE_FLAGS,
} satisfies FlagGroups;

export const sensitivityCommand = defineCommand({
  name: 'sensitivity',
  summary: 'Find out how far each layer can be pruned, and propose a weight_sparsity_map',
  flags: sensitivityFlags,
  examples: [
    'cifar10-prune sensitivity --checkpoint_dir=runs/a --target=0.9',
    'cifar10-prune sensitivity --checkpoint_dir=runs/a --max_loss=1.0 --json',
  ],
  async run(flags, context) {
    if (flags.target !== undefined && flags.max_loss !== undefined)
      throw new UserError('usage', '--target does not go with --max_loss', 'Give one of them.');
    const { scanSensitivity } = await import('../sensitivity.ts');
    await scanSensitivity(flags, context);
  },
});
