import type { GraphInput } from '../../strip/index.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { type FlagGroups, type FlagValues, list, path, required, text, toggle } from '../flag.ts';
import { formatBytes, formatPercent } from '../format.ts';
import type { FrozenGraph } from '../freeze.ts';

export const stripFlags = {
  'What you need': {
    checkpoint_dir: path({
      default: '/tmp/cifar10_train',
      alias: 'checkpoint_path',
      doc: 'Folder of a training run; its newest checkpoint is frozen',
    }),
    output_node_names: required(
      list({
        default: [],
        doc: 'Nodes whose values the frozen graph must give, such as softmax_linear/softmax_linear_2',
      }),
    ),
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
    filename: text({
      default: 'pruning_stripped.pb',
      placeholder: 'FILE',
      doc: 'Name of the frozen graph',
    }),
    overwrite: toggle('Replace a file of that name'),
  },
} satisfies FlagGroups;

export const stripCommand = defineCommand({
  name: 'strip',
  alias: 'strip_pruning_vars',
  summary: 'Freeze a checkpoint into a graph without masks, thresholds and raw weights',
  flags: stripFlags,
  examples: [
    'cifar10-prune strip --checkpoint_dir=runs/a --output_node_names=softmax_linear/softmax_linear_2 --output_dir=runs/a',
  ],
  async run(flags, context) {
    await runStrip(flags, context);
  },
});

/** @throws UserError where the checkpoint cannot be frozen or the file cannot be written */
export async function runStrip(
  flags: FlagValues<typeof stripFlags>,
  { stdout }: Context,
): Promise<FrozenGraph> {
  const { freezeCheckpoint } = await import('../freeze.ts');
  const frozen = await freezeCheckpoint({
    checkpoint: flags.checkpoint_dir,
    outputNodeNames: flags.output_node_names,
    inputNodeNames: flags.input_node_names,
    movingAverage: flags.moving_average,
    folder: flags.output_dir,
    filename: flags.filename,
    overwrite: flags.overwrite,
  });
  const { checkpoint, report, file } = frozen;
  const weights = flags.moving_average ? 'moving averages of the weights' : 'raw weights';
  const lines = [
    `${checkpoint}: ${weights}`,
    ...report.tensors.map(
      ({ name, values, zeros }) => `${name}: ${values} values, ${formatPercent(zeros / values)} zeros`,
    ),
    `inputs: ${report.inputs.map(formatInput).join(', ')}`,
    `outputs: ${report.outputs.join(', ')}`,
    `frozen graph written: ${file.path} (${formatBytes(file.bytes)})`,
  ];
  stdout.write(`${lines.join('\n')}\n`);
  return frozen;
}

/** `images [?, 24, 24, 3]` */
function formatInput({ name, shape }: GraphInput): string {
  return shape ? `${name} [${shape.map((extent) => (extent < 0 ? '?' : extent)).join(', ')}]` : name;
}
