import { describe, expect, test } from 'vitest';
import { SimdEngine } from '../../src/engine/simd/simd-engine.ts';
import { loadBackend } from '../../src/engine/tfjs/backends.ts';
import { TfjsEngine } from '../../src/engine/tfjs/tfjs-engine.ts';
import { UserError } from '../../src/errors.ts';
import { metaGraph } from '../../src/graph/index.ts';
import { connectLayers, logitsName } from '../../src/model/connected-layers.ts';
import type { Layer, Network } from '../../src/model/network.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import { add, concat, conv, dense, lrn, pool } from '../engine/networks.ts';

const logits = (inputs: number, name = 'logits') => dense(name, inputs, 3, { activation: 'none' });
const network = (...layers: Layer[]): Network => ({ input: [4, 4, 2], classes: 3, layers });
const backend = await loadBackend('cpu');

/** What refuses it, said with which hint. */
async function refusals(refused: Network): Promise<string[]> {
  const attempts = {
    'the check': () => connectLayers(refused),
    simd: () => new SimdEngine(refused, { threads: 1 }).dispose(),
    tfjs: () => new TfjsEngine(refused, backend).dispose(),
    'the training graph': () => metaGraph(refused, { pruningName: 'pruning', keep: 1 }),
  };
  const said = new Set<string>();
  for (const [who, attempt] of Object.entries(attempts)) {
    try {
      await attempt();
      said.add(`${who} takes it`);
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      const { code, message, hint } = error as UserError;
      expect(code).toBe('network');
      said.add(hint === undefined ? message : `${message} | ${hint}`);
    }
  }
  return [...said];
}

test('shapes follow from layer to layer', () => {
  const layers = connectLayers(CIFAR10_NETWORK);
  expect(layers.map(({ layer, inputs: [input], shape }) => [layer.name, input!.name, shape])).toEqual([
    ['conv1', 'images', [24, 24, 64]],
    ['pool1', 'conv1', [12, 12, 64]],
    ['norm1', 'pool1', [12, 12, 64]],
    ['conv2', 'norm1', [12, 12, 64]],
    ['norm2', 'conv2', [12, 12, 64]],
    ['pool2', 'norm2', [6, 6, 64]],
    ['local3', 'pool2', [384]],
    ['local4', 'local3', [192]],
    ['softmax_linear', 'local4', [10]],
  ]);
});

test('layers read what they name, and the last one gives the logits, flattened', () => {
  const branches = network(
    conv('conv', [3, 3, 2, 4]),
    pool('pool', 3, 1),
    concat('joined', ['images', 'pool', 'conv']),
    pool('small', 4, 4),
    conv('last', [1, 1, 10, 3]),
  );
  const layers = connectLayers(branches);
  expect(layers.map(({ inputs, shape }) => [...inputs.map(({ name }) => name), shape])).toEqual([
    ['images', [4, 4, 4]],
    ['conv', [4, 4, 4]],
    ['images', 'pool', 'conv', [4, 4, 10]],
    ['joined', [1, 1, 10]],
    ['small', [1, 1, 3]],
  ]);
  expect(logitsName(branches)).toBe('last/Reshape');
  expect(logitsName(CIFAR10_NETWORK)).toBe('softmax_linear/softmax_linear_2');
});

describe('a network that cannot be computed is refused by both engines and the training graph in the same words', () => {
  const cases: [string, Network, string][] = [
    [
      'a normalization of what a fully connected layer gives',
      network(dense('hidden', 32, 5), lrn('norm', 2), logits(5)),
      'lrn norm reads hidden, which gives [5]; expected [height, width, channels] | Place it before the fully connected layers.',
    ],
    [
      'a network without a fully connected layer that does not give one value a class',
      network(conv('conv', [3, 3, 2, 3])),
      'conv2d conv is the last layer and gives [4, 4, 3]; expected 3 values, one a class',
    ],
    [
      'wrong inputs',
      network(pool('pool', 3, 2), logits(9)),
      'fully_connected logits has 9 inputs and reads pool, which gives [2, 2, 2]; expected 8 inputs | Write inputs: 8.',
    ],
    [
      'wrong input channels',
      network(conv('conv', [3, 3, 3, 4]), logits(64)),
      'conv2d conv has kernel [3, 3, 3, 4] and reads images, which gives [4, 4, 2]; expected 2 input channels | Write 2 as the third extent of the kernel.',
    ],
    [
      'two layers of one name',
      network(pool('same', 1, 1), logits(32, 'same')),
      'fully_connected same has the name of a layer before it | Give each layer a name of its own.',
    ],
    [
      'a name that the graph uses',
      network(logits(32, 'labels')),
      'fully_connected labels has a name that the training graph uses itself | Choose another name than images, labels, cross_entropy, total_loss, init, save, global_step.',
    ],
    [
      'a name that is none',
      network(logits(32, 'a\nb')),
      'fully_connected a\\nb has a name that TensorFlow does not accept; expected a letter, digit or dot, then also _ and -',
    ],
    [
      'an input that is not there',
      network({ ...pool('pool', 2, 2), from: ['conv'] }, logits(8)),
      'max_pool pool reads conv; expected images or the name of a layer before it',
    ],
    [
      'a circle',
      network({ ...pool('a', 1, 1), from: ['b'] }, { ...pool('b', 1, 1), from: ['a'] }, logits(32)),
      'max_pool a reads b, which is not listed before it | List each layer after those it reads; none can read its own output, not even through others.',
    ],
    [
      'a layer that reads itself',
      network(add('sum', ['images', 'sum']), logits(32)),
      'add sum reads sum, which is not listed before it | List each layer after those it reads; none can read its own output, not even through others.',
    ],
    [
      'an output that nothing reads',
      network(conv('unused', [3, 3, 2, 4]), dense('logits', 32, 3, { from: ['images'] })),
      'conv2d unused is read by no layer; expected that of the last layer only | Name it in the from of another layer, or leave it out.',
    ],
    [
      'two inputs where one is read',
      network(pool('pool', 1, 1), dense('logits', 32, 3, { from: ['images', 'pool'] })),
      'fully_connected logits reads 2 tensors; expected one',
    ],
    [
      'a sum of one',
      network({ kind: 'add', name: 'sum', activation: 'relu' }, logits(32)),
      'add sum reads images alone; expected two tensors or more | Name the layers that it reads in its from.',
    ],
    [
      'a concatenation of nothing',
      network(concat('joined', []), logits(32)),
      'concat joined reads nothing; expected two tensors or more | Name the layers that it reads in its from.',
    ],
    [
      'a sum of two shapes',
      network(conv('conv', [3, 3, 2, 3]), add('sum', ['conv', 'images']), logits(48)),
      'add sum adds conv, which gives [4, 4, 3], and images, which gives [4, 4, 2]; expected one shape',
    ],
    [
      'a concatenation of two sizes',
      network(pool('pool', 2, 2), concat('joined', ['images', 'pool']), logits(64)),
      'concat joined joins images, which gives [4, 4, 2], and pool, which gives [2, 2, 2]; expected one height and width',
    ],
    [
      'a sum of what fully connected layers give',
      network(dense('one', 32, 3), dense('other', 32, 3, { from: ['images'] }), add('sum', ['one', 'other'])),
      'add sum reads one, which gives [3]; expected [height, width, channels] | Place it before the fully connected layers.',
    ],
    [
      'an activation of a sum that is not known',
      network(add('sum', ['images', 'images'], 'tanh' as never), logits(32)),
      'add sum has activation tanh; expected relu or none',
    ],
    [
      'another number of classes',
      network(dense('logits', 32, 4)),
      'fully_connected logits is the last layer and gives [4]; expected 3 values, one a class',
    ],
    ['no layers', network(), 'the network has no layers'],
    [
      'no weights',
      network(pool('pool', 2, 2)),
      "none of the network's 1 layers has weights; expected a conv2d or fully_connected layer",
    ],
    [
      'a kind that is not known',
      network({ ...logits(32), kind: 'dropout' } as never, logits(32)),
      'dropout logits is of an unknown kind; expected conv2d, max_pool, lrn, add, concat, fully_connected',
    ],
    [
      'an activation that is not known',
      network(dense('hidden', 32, 5, { activation: 'tanh' as never }), logits(5)),
      'fully_connected hidden has activation tanh; expected relu or none',
    ],
    [
      'a stride of nothing',
      network(pool('pool', 2, 0), logits(32)),
      'max_pool pool has stride 0; expected a whole number of 1 or more',
    ],
    [
      'half a pixel',
      network(conv('conv', [3, 1.5, 2, 4]), logits(64)),
      'conv2d conv has a kernel extent of 1.5; expected a whole number of 1 or more',
    ],
    [
      'a radius below zero',
      network(lrn('norm', -1), logits(32)),
      'lrn norm has depthRadius -1; expected a whole number of 0 or more',
    ],
    [
      'a value that is no number',
      network(dense('logits', 32, 3, { weightDecay: Number.NaN })),
      'fully_connected logits has weightDecay NaN; expected a finite number',
    ],
    [
      'images without pixels',
      { ...network(logits(32)), input: [0, 4, 2] },
      "the network's input is [0, 4, 2]; expected [height, width, channels], whole numbers of 1 or more",
    ],
    [
      'more classes than a byte tells apart',
      { ...network(logits(32)), classes: 257 },
      'the network has 257 classes; expected a whole number from 1 to 256',
    ],
  ];
  test.each(cases)('%s', async (_, refused, message) => {
    expect(await refusals(refused)).toEqual([message]);
  });
});
