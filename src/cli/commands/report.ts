import { UserError } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import { type FlagGroups, integer, path, toggle } from '../flag.ts';
import { DATA_FLAGS, ENGINE_FLAGS, JSON_FLAG } from '../shared-flags.ts';

export const DEFAULT_OUTPUT = 'report.html';

const reportFlags = {
  Content: {
    evaluate: toggle('Evaluate the newest checkpoint of runs that no sweep has evaluated'),
    num_examples: integer({
      default: 10_000,
      min: 1,
      doc: 'Pictures of the test set to evaluate, and to look for mistakes in',
    }),
    mistakes: integer({
      default: 20,
      min: 0,
      doc: 'Pictures of each run that it takes for another class; left out where the test set is not in --data_dir',
    }),
    data_dir: { ...DATA_FLAGS.data_dir, doc: 'Folder that holds cifar-10-batches-bin' },
    data_url: {
      ...DATA_FLAGS.data_url,
      doc: 'Mirror of cifar-10-binary.tar.gz, which --evaluate downloads where the pictures are not there',
    },
  },
  Output: {
    output: path({
      default: undefined,
      placeholder: 'FILE',
      doc: `Page to write (default: ${DEFAULT_OUTPUT}, or none with --json or --csv)`,
    }),
    svg: path({ default: undefined, doc: 'Folder to write the pictures into, too, as SVG files' }),
    overwrite: toggle('Replace files of those names'),
    ...JSON_FLAG,
    csv: toggle('Print a table on stdout, and nothing else there: comma-separated values, one row a run'),
  },
  Engine: ENGINE_FLAGS,
} satisfies FlagGroups;

export const reportCommand = defineCommand({
  name: 'report',
  summary: 'Show runs and sweeps side by side in one page that opens in a browser, offline',
  operand: {
    placeholder: 'DIR',
    many: true,
    doc: 'train_dir of a run, sweep_dir, or a folder that has some in it',
  },
  flags: reportFlags,
  examples: [
    'cifar10-prune report sweeps/a --output=report.html',
    'cifar10-prune report runs/a runs/b --evaluate --svg=figures',
    'cifar10-prune report sweeps/a --csv',
  ],
  async run(flags, context, dirs) {
    if (flags.json && flags.csv)
      throw new UserError('usage', '--json does not go with --csv: both print on stdout', 'Leave one out.');
    const { reportRuns } = await import('../report-runs.ts');
    const output = flags.output ?? (flags.json || flags.csv ? undefined : DEFAULT_OUTPUT);
    await reportRuns(dirs, { ...flags, output }, context);
  },
});
