import { defineCommand } from '../command.ts';
import { type Flag, type FlagGroups, path, toggle } from '../flag.ts';
import { JSON_FLAG } from '../shared-flags.ts';

const yesOrNo = toggle('Draw how the weights of all layers, or of this one, are distributed');

const histogram: Flag<boolean | string> = {
  ...yesOrNo,
  placeholder: 'LAYER',
  expected: 'the name of a layer or of its weights',
  parse: (text) => yesOrNo.parse(text) ?? (text || undefined),
};

export const inspectFlags = {
  Output: {
    histogram,
    logdir: path({
      default: undefined,
      doc: 'Write the graph into an event file in this folder, so that TensorBoard shows it',
    }),
    ...JSON_FLAG,
  },
} satisfies FlagGroups;

export const inspectCommand = defineCommand({
  name: 'inspect',
  summary: 'Show the tensors of a model, their sparsity and structure, and what they cost',
  operand: {
    placeholder: 'PATH',
    many: false,
    doc: 'train_dir, checkpoint, frozen graph (.pb), SavedModel, ONNX model or TensorFlow.js model',
  },
  flags: inspectFlags,
  examples: [
    'cifar10-prune inspect runs/a',
    'cifar10-prune inspect runs/a/pruning_stripped.pb --histogram=conv2 --logdir=runs/a/graph',
  ],
  async run(flags, context, [given]) {
    const { inspectPath } = await import('../inspect-path.ts');
    await inspectPath(given!, flags, context);
  },
});
