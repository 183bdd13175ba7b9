import { DATASETS, DEFAULT_TASK } from '../../tasks/index.ts';
import { defineCommand } from '../command.ts';
import { choice, type FlagGroups, integer, path } from '../flag.ts';
import { DATASET_NAMES, ENGINE_FLAGS, JSON_FLAG, OUTPUT_NODE_FLAG } from '../shared-flags.ts';

const predictFlags = {
  Model: {
    model: path({
      default: '/tmp/pruning_stripped.pb',
      placeholder: 'FILE.pb',
      doc: 'Frozen graph, as strip writes it',
    }),
    ...OUTPUT_NODE_FLAG,
    dataset: choice(DATASET_NAMES, {
      default: DEFAULT_TASK.datasets[0].name,
      doc: 'What the model was trained on; it decides the names of the classes',
    }),
  },
  Output: {
    top: integer({ default: 5, min: 1, doc: 'How many of the most probable classes to print' }),
    ...JSON_FLAG,
  },
  Engine: ENGINE_FLAGS,
} satisfies FlagGroups;

const { height, width } = DEFAULT_TASK.datasets[0].format;
const FOOTER =
  `A picture of ${height}x${width} pixels is used as it is. Any other is scaled until its shorter side has ${height} pixels, and ` +
  `its longer side is cropped to the middle ${width}. The network sees the central ${DEFAULT_TASK.network.input.slice(0, 2).join('x')} pixels.`;

export const predictCommand = defineCommand({
  name: 'predict',
  summary: 'Classify pictures with a frozen graph',
  operand: {
    placeholder: 'IMAGE',
    many: true,
    doc: 'Pictures of any size: PNG, JPEG or WebP files',
  },
  flags: predictFlags,
  footer: (layout) => `${layout.paragraph(FOOTER)}\n`,
  examples: [
    'cifar10-prune predict cat.jpg ship.png --model=runs/a/pruning_stripped.pb',
    'cifar10-prune predict pictures/*.png --top=1 --json',
  ],
  async run(flags, { stdout, stderr }, images) {
    const { predictFiles } = await import('../prediction.ts');
    const { formatPredictions } = await import('../prediction-output.ts');
    const dataset = DATASETS.find(({ name }) => name === flags.dataset)!;
    const predictions = await predictFiles(
      images,
      { ...flags, dataset, output: flags.output_node_name },
      (reason) => stderr.write(`${reason}\n`),
    );
    stdout.write(`${formatPredictions(predictions, dataset.classNames, flags)}\n`);
  },
});
