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
      doc: 'Pictures of the test set to evaluate and to search for mistakes',
    }),
    mistakes: integer({
      default: 20,
      min: 0,
      doc: 'Wrongly classified pictures to show for each run; none if the test set is not in --data_dir',
    }),
    data_dir: { ...DATA_FLAGS.data_dir, doc: 'Folder that holds cifar-10-batches-bin' },
    data_url: {
      ...DATA_FLAGS.data_url,
      doc: 'Mirror of cifar-10-binary.tar.gz, which --evaluate downloads if the pictures are not in --data_dir',
    },
  },
  Output: {
    output: path({
      default: undefined,
      placeholder: 'FILE',
      doc: `Page to write (default: ${DEFAULT_OUTPUT}, or none with --json or --csv)`,
    }),
    svg: path({ default: undefined, doc: 'Also write the charts into this folder, as SVG files' }),
    overwrite: toggle('Replace existing files'),
    ...JSON_FLAG,
    csv: toggle('Print comma-separated values on stdout, one row for each run, and nothing else there'),
  },
  Engine: ENGINE_FLAGS,
} satisfies FlagGroups;

export const reportCommand = defineCommand({
  name: 'report',
  summary: 'Show runs and sweeps side by side in one page that opens in a browser, offline',
  operand: {
    placeholder: 'DIR',
    many: true,
    doc: 'train_dir of a run, sweep_dir, or a folder that contains some of them',
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
