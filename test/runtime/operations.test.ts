import { describe, it } from 'vitest';
import { boolAttr, constant, floatAttr, identity, intAttr, intListAttr } from '../../src/graph/index.ts';
import { loadFrozenModel } from '../../src/runtime/index.ts';
import { DataType, type NodeDef } from '../../src/wire/protos.ts';
import { expectClose } from '../engine/expect-close.ts';
import { bytesOf, floats, image, integers, op, sliding } from './graphs.ts';

interface Case {
  readonly what: string;
  readonly nodes: readonly NodeDef[];
  readonly images: readonly number[];
  readonly expected: readonly number[];
}

const row = image(-1, 1, 4, 1);
const axis = (number: number) => constant('axis', { dtype: 'int32', shape: [], data: Int32Array.of(number) });
const ones = (count: number) => new Float32Array(count).fill(1);

// Results worked out by hand.
const cases: Case[] = [
  {
    what: 'Conv2D, SAME, stride 2: the odd padding comes last',
    nodes: [
      row,
      floats('w', [1, 3, 1, 1], [100, 10, 1]),
      op('y', 'Conv2D', ['images', 'w'], sliding('SAME', 2)),
    ],
    images: [1, 2, 3, 4],
    expected: [123, 340],
  },
  {
    what: 'Conv2D, VALID, with two filters',
    nodes: [
      row,
      floats('w', [1, 2, 1, 2], [10, 1, 1, 0]),
      op('y', 'Conv2D', ['images', 'w'], sliding('VALID', 1)),
    ],
    images: [1, 2, 3, 4],
    expected: [12, 1, 23, 2, 34, 3],
  },
  {
    what: 'Conv2D with a dilation',
    nodes: [
      row,
      floats('w', [1, 2, 1, 1], [10, 1]),
      op('y', 'Conv2D', ['images', 'w'], { ...sliding('VALID', 1), dilations: intListAttr([1, 1, 2, 1]) }),
    ],
    images: [1, 2, 3, 4],
    expected: [13, 24],
  },
  {
    what: 'MaxPool, VALID',
    nodes: [image(-1, 2, 3, 1), op('y', 'MaxPool', ['images'], sliding('VALID', 1, 2))],
    images: [-1, -2, -3, -4, -5, -1],
    expected: [-1, -1],
  },
  {
    what: 'MaxPool, SAME: padding is never the largest',
    nodes: [image(-1, 1, 3, 1), op('y', 'MaxPool', ['images'], sliding('SAME', 2, 2))],
    images: [-4, -2, -7],
    expected: [-2, -7],
  },
  {
    what: 'LRN with its attributes',
    nodes: [
      image(-1, 1, 1, 3),
      op('y', 'LRN', ['images'], {
        depth_radius: intAttr(1),
        bias: floatAttr(2),
        alpha: floatAttr(0.5),
        beta: floatAttr(1),
      }),
    ],
    images: [1, 2, 4],
    expected: [1 / 4.5, 2 / 12.5, 4 / 12],
  },
  {
    what: "LRN with TensorFlow's defaults: radius 5, bias 1, alpha 1, beta 0.5",
    nodes: [image(-1, 1, 1, 7), op('y', 'LRN', ['images'])],
    images: [1, 1, 1, 1, 1, 1, 1],
    expected: [6, 7, 7, 7, 7, 7, 6].map((near) => 1 / Math.sqrt(1 + near)),
  },
  {
    what: 'BiasAdd',
    nodes: [image(-1, 2), floats('b', [2], [10, 20]), op('y', 'BiasAdd', ['images', 'b'])],
    images: [1, 2, 3, 4],
    expected: [11, 22, 13, 24],
  },
  {
    what: 'AddV2 and Mul, broadcast',
    nodes: [
      image(-1, 2, 2),
      floats('column', [2, 1], [10, 20]),
      floats('row', [1, 1, 2], [1, -1]),
      op('sum', 'AddV2', ['column', 'images']),
      op('y', 'Mul', ['sum', 'row']),
    ],
    images: [1, 2, 3, 4],
    expected: [11, -12, 23, -24],
  },
  {
    what: 'AddV2 of two images',
    nodes: [
      row,
      floats('w', [1, 1, 1, 1], [10]),
      op('ten', 'Conv2D', ['images', 'w'], sliding('SAME', 1)),
      op('y', 'AddV2', ['ten', 'images']),
    ],
    images: [1, 2, 3, 4],
    expected: [11, 22, 33, 44],
  },
  {
    what: 'ConcatV2 of images along their channels, the axis counted from the end',
    nodes: [
      row,
      floats('w', [1, 1, 1, 2], [10, -1]),
      op('conv', 'Conv2D', ['images', 'w'], sliding('SAME', 1)),
      axis(-1),
      op('y', 'ConcatV2', ['images', 'conv', 'images', 'axis'], { N: intAttr(3) }),
    ],
    images: [1, 2, 3, 4],
    expected: [1, 10, -1, 1, 2, 20, -2, 2, 3, 30, -3, 3, 4, 40, -4, 4],
  },
  {
    what: 'ConcatV2 along an axis within, of images that come from a product',
    nodes: [
      image(-1, 2),
      floats('w', [2, 2], [0, 1, 1, 0]),
      op('turned', 'MatMul', ['images', 'w']),
      axis(1),
      op('y', 'ConcatV2', ['images', 'turned', 'axis']),
    ],
    images: [1, 2, 3, 4],
    expected: [1, 2, 2, 1, 3, 4, 4, 3],
  },
  {
    what: 'ConcatV2 along the batch, where it is declared',
    nodes: [
      image(2, 1),
      floats('more', [1, 1], [7]),
      axis(0),
      op('y', 'ConcatV2', ['more', 'images', 'axis']),
    ],
    images: [1, 2],
    expected: [7, 1, 2],
  },
  {
    what: 'MatMul with a transposed constant',
    nodes: [
      image(-1, 2),
      floats('w', [3, 2], [1, 2, 3, 4, 5, 6]),
      op('y', 'MatMul', ['images', 'w'], { transpose_b: boolAttr(true) }),
    ],
    images: [1, 10],
    expected: [21, 43, 65],
  },
  {
    what: 'MatMul of constants, the first transposed',
    nodes: [
      image(-1, 1),
      floats('a', [2, 1], [1, 2]),
      floats('b', [2, 2], [1, 2, 3, 4]),
      op('ab', 'MatMul', ['a', 'b'], { transpose_a: boolAttr(true) }),
      op('y', 'Add', ['images', 'ab']),
    ],
    images: [0, 100],
    expected: [7, 10, 107, 110],
  },
  {
    what: 'Softmax of large logits',
    nodes: [image(-1, 2), op('y', 'Softmax', ['images'])],
    images: [1000, 1000, 0, Math.log(3)],
    expected: [0.5, 0.5, 0.25, 0.75],
  },
  {
    what: 'Reshape, and Identity of a shape',
    nodes: [
      image(-1, 2, 2),
      integers('shape', -1, 4),
      identity('read', 'shape', DataType.DT_INT32),
      op('flat', 'Reshape', ['images', 'read']),
      floats('w', [4, 1], ones(4)),
      op('y', 'MatMul', ['flat', 'w']),
    ],
    images: [1, 2, 3, 4, 5, 6, 7, 8],
    expected: [10, 26],
  },
  {
    what: 'nodes in any order, with control inputs and Identity',
    nodes: [
      identity('y', 'positive', DataType.DT_FLOAT, ['images']),
      op('positive', 'Relu', ['images', '^images']),
      image(-1, 2),
    ],
    images: [-1, 2],
    expected: [0, 2],
  },
];

describe.each([{ backend: 'wasm' }, { backend: 'cpu' }, { engine: 'simd' }])('computed on %o', (device) => {
  it.each(cases)('$what', async ({ nodes, images, expected }) => {
    const model = await loadFrozenModel(bytesOf(nodes), { output: 'y', ...device });
    expectClose(await model.run(Float32Array.from(images)), expected, 1e-5);
    await model.dispose();
  });
});
