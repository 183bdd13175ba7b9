import type { InputShapes } from '../../inspect/index.ts';
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
  doc: 'The shape of an input where the file leaves it open; of several inputs each under its name, behind semicolons or in a flag of its own',
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
    all: toggle('Show the tensors that are no weights, too; --json has them always'),
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
