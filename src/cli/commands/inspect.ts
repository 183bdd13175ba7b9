import type { InputShapes } from '../../inspect/index.ts';
import { defineCommand } from '../command.ts';
import { type Flag, type FlagGroups, path, toggle } from '../flag.ts';
import { JSON_FLAG } from '../shared-flags.ts';

const yesOrNo = toggle('Draw a histogram of the weights of each layer, or of this layer only');

const histogram: Flag<boolean | string> = {
  ...yesOrNo,
  placeholder: 'LAYER',
  expected: 'the name of a layer or of its weights',
  parse: (text) => yesOrNo.parse(text) ?? (text || undefined),
};

type InputShape = InputShapes[number];

/** `NAME:1,224,224,3`; a name may itself have a colon. */
function parseInputShape(text: string): InputShape | undefined {
  const [, name, extents] = /^(?:(.+):)?([\d, ]+)$/s.exec(text.trim()) ?? [];
  const shape = extents
    ?.split(',')
    .map((extent) => (/^\s*\d+\s*$/.test(extent) ? Number(extent) : Number.NaN));
  return shape?.every((extent) => extent >= 1 && Number.isSafeInteger(extent)) ? { name, shape } : undefined;
}

const inputShape: Flag<InputShapes> = {
  toggle: false,
  placeholder: '[NAME:]N,N,...',
  default: [],
  required: false,
  doc: 'Shape of an input that the file leaves open; for several inputs, give each with its name, separated by semicolons or in flags of their own',
  expected: 'a name, a colon and extents >= 1 between commas, such as images:1,224,224,3',
  parse: (text) => {
    const shapes = text.split(';').map(parseInputShape);
    return shapes.every((shape) => shape !== undefined) ? shapes : undefined;
  },
  isJoined: true,
};

export const inspectFlags = {
  Input: { input_shape: inputShape },
  Output: {
    all: toggle('Also show the tensors that are not weights; --json always has them'),
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
    'cifar10-prune inspect mobilenet/model.json --input_shape=images:1,224,224,3',
    'cifar10-prune inspect runs/a/pruning_stripped.pb --histogram=conv2 --logdir=runs/a/graph',
  ],
  async run(flags, context, [given]) {
    const { inspectPath } = await import('../inspect-path.ts');
    await inspectPath(given!, flags, context);
  },
});
