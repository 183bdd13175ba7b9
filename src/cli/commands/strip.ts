import { EXPORT_FORMAT_NAMES, type ExportFormatName } from '../../export/format-names.ts';
import { WEIGHT_FORMATS, type WeightFormat, weightFormatOf } from '../../export/weight-format.ts';
import { STRIP_DEFAULTS } from '../../jobs/defaults.ts';
import type { StripResult } from '../../jobs/index.ts';
import { isPlainName } from '../../jobs/plain-name.ts';
import { OUTPUT_NAMES } from '../../tasks/index.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { choice, type Flag, type FlagGroups, type FlagValues, list, path, text, toggle } from '../flag.ts';
import { JSON_FLAG } from '../shared-flags.ts';

const FORMATS: Flag<readonly ExportFormatName[]> = {
  ...list({ default: [], doc: '' }),
  placeholder: 'NAMES',
  default: STRIP_DEFAULTS.formats,
  doc: `What to write, one or more of ${EXPORT_FORMAT_NAMES.join(', ')}`,
  expected: `one or more of ${EXPORT_FORMAT_NAMES.join(', ')} between commas`,
  completion: EXPORT_FORMAT_NAMES,
  parse: (given) => {
    const names = given.split(',').map((text) => EXPORT_FORMAT_NAMES.find((name) => name === text.trim()));
    return names.every((name) => name !== undefined) ? names : undefined;
  },
};

const WEIGHT_FORMAT: Flag<WeightFormat> = {
  ...choice(WEIGHT_FORMATS, { default: STRIP_DEFAULTS.weightFormat, doc: '' }),
  placeholder: 'WORDS',
  doc: 'How to store weights: dense, sparse (without zeros), float16 or int8, or sparse with one of these',
  parse: weightFormatOf,
};

const FILENAME: Flag<string> = {
  ...text({
    default: STRIP_DEFAULTS.filename,
    placeholder: 'FILE',
    doc: 'Name of the frozen graph; files of other formats are named after it',
  }),
  expected: 'the name of a file in --output_dir, such as pruning_stripped.pb, without a folder',
  parse: (given) => (isPlainName(given) ? given : undefined),
};

export const stripFlags = {
  'What you need': {
    checkpoint_dir: path({
      default: '/tmp/cifar10_train',
      alias: 'checkpoint_path',
      doc: 'Folder of a training run; its newest checkpoint is frozen',
    }),
    output_node_names: list({
      default: [],
      doc: `Nodes whose values the frozen graph must give (default: ${OUTPUT_NAMES.join(' or ')}, where the graph has it)`,
    }),
  },
  Graph: {
    input_node_names: list({
      default: [],
      doc: 'Nodes to cut the graph at and to replace by placeholders',
    }),
    moving_average: toggle('Freeze the moving averages of the weights instead of the weights themselves'),
  },
  Output: {
    output_dir: path({ default: '/tmp', doc: 'Folder for the frozen graph' }),
    filename: FILENAME,
    format: FORMATS,
    weight_format: WEIGHT_FORMAT,
    overwrite: toggle('Replace existing files'),
    ...JSON_FLAG,
  },
} satisfies FlagGroups;

export const stripCommand = defineCommand({
  name: 'strip',
  alias: 'strip_pruning_vars',
  summary: 'Freeze a checkpoint into a graph without masks, thresholds and raw weights',
  flags: stripFlags,
  examples: [
    'cifar10-prune strip --checkpoint_dir=runs/a --output_dir=runs/a',
    'cifar10-prune strip --checkpoint_dir=runs/a --output_dir=runs/a --weight_format=sparse,int8',
  ],
  async run(flags, context) {
    await runStrip(flags, context);
  },
});

/**
 * Strips a checkpoint and prints what was written.
 *
 * @throws UserError if the checkpoint cannot be frozen, the files cannot be written, or verification fails
 */
export async function runStrip(
  flags: FlagValues<typeof stripFlags>,
  { stdout, interruption }: Context,
): Promise<StripResult> {
  const { strip } = await import('../../jobs/index.ts');
  const { formatStrip } = await import('../strip-output.ts');
  const result = await strip({
    checkpointDir: flags.checkpoint_dir,
    outputNodeNames: flags.output_node_names,
    inputNodeNames: flags.input_node_names,
    movingAverage: flags.moving_average,
    outputDir: flags.output_dir,
    filename: flags.filename,
    overwrite: flags.overwrite,
    formats: flags.format,
    weightFormat: flags.weight_format,
    signal: interruption(),
  });
  const weights = flags.moving_average ? 'moving averages of the weights' : 'raw weights';
  const text = formatStrip(result, { json: flags.json, weights, weightFormat: flags.weight_format });
  stdout.write(`${text}\n`);
  return result;
}
