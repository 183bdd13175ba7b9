import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  constant,
  identity,
  node,
  placeholder,
  stringAttr,
  tensorAttr,
  typeAttr,
} from '../../src/graph/index.ts';
import { loadFrozenModel } from '../../src/runtime/index.ts';
import { DataType, type NodeDef, TensorProtoSchema } from '../../src/wire/protos.ts';
import { float32Tensor, shapeProto } from '../../src/wire/tensor.ts';
import { bytesOf, floats, image, integers, op, sliding } from './graphs.ts';
import { refusal } from './refusal.ts';

const pixels = image(-1, 4, 4, 2);
/** A constant that says it has `shape`, and lists one value that stands for all. */
const absurd = (name: string, ...shape: number[]) => {
  const plain = floats(name, [1], [1]);
  const proto = create(TensorProtoSchema, {
    dtype: DataType.DT_FLOAT,
    tensorShape: shapeProto(shape),
    floatVal: [1],
  });
  return {
    ...plain,
    attr: {
      ...plain.attr,
      value: { ...plain.attr.value!, value: { case: 'tensor' as const, value: proto } },
    },
  };
};
const filter = (...shape: number[]) => floats('w', shape, new Float32Array(shape.reduce((a, b) => a * b)));

const damaged: [string, readonly NodeDef[], string][] = [
  [
    'an unknown operation',
    [pixels, op('y', 'Elu', ['images'])],
    'node y (Elu) has an operation that this runtime does not know',
  ],
  [
    'an operation named as what every object has',
    [pixels, op('y', 'toString', ['images'])],
    'node y (toString) has an operation that this runtime does not know',
  ],
  ['no placeholder', [floats('y', [1], [1])], 'y depends on no placeholder, expected exactly one'],
  [
    'two placeholders',
    [pixels, placeholder('more', DataType.DT_FLOAT, [-1, 4, 4, 2]), op('y', 'Add', ['images', 'more'])],
    'y depends on the placeholders images, more, expected exactly one',
  ],
  [
    'a placeholder of integers',
    [placeholder('images', DataType.DT_UINT8, [-1, 4]), op('y', 'Relu', ['images'])],
    'node images (Placeholder) computes with DT_UINT8, expected DT_FLOAT',
  ],
  [
    'a placeholder without a shape',
    [node('images', 'Placeholder', [], { dtype: typeAttr(DataType.DT_FLOAT) }), op('y', 'Relu', ['images'])],
    'node images (Placeholder) has no shape, expected [batch, ...extents of an image]',
  ],
  [
    'images of unknown extents',
    [image(-1, -1, 3), op('y', 'Relu', ['images'])],
    'node images (Placeholder) has shape [-1,-1,3], expected [batch, ...extents of an image]',
  ],
  [
    'absurd images',
    [image(-1, 1e6, 1e6), op('y', 'Relu', ['images'])],
    'node images (Placeholder) gives [batch, 1000000, 1000000], which brings the graph above the limit of 268435456 values per image',
  ],
  [
    'a missing input',
    [pixels, op('y', 'Add', ['images', 'gone'])],
    'node y (Add) reads gone, which is not in the graph',
  ],
  ['two nodes of one name', [pixels, pixels, op('y', 'Relu', ['images'])], 'two nodes are named images'],
  [
    'a second output',
    [pixels, op('y', 'Relu', ['images:1'])],
    'node y (Relu) reads images:1, but images has one output only',
  ],
  ['too few inputs', [pixels, op('y', 'Add', ['images'])], 'node y (Add) has 1 inputs, expected 2'],
  [
    'a circle',
    [
      pixels,
      op('a', 'Add', ['images', 'c']),
      op('b', 'Relu', ['a']),
      op('c', 'Relu', ['b']),
      op('y', 'Relu', ['c']),
    ],
    'nodes read each other in a circle: c, b, a',
  ],
  [
    'nothing but a circle',
    [op('a', 'Relu', ['b']), op('b', 'Relu', ['a'])],
    'every node of the graph is read by another one',
  ],
  [
    'float64',
    [pixels, node('y', 'Relu', ['images'], { T: typeAttr(DataType.DT_DOUBLE) })],
    'node y (Relu) computes with DT_DOUBLE, expected DT_FLOAT',
  ],
  [
    'an attribute of another kind',
    [pixels, op('y', 'LRN', ['images'], { bias: typeAttr(DataType.DT_FLOAT) })],
    'node y (LRN) has attribute bias of kind type, expected f',
  ],
  [
    'NCHW',
    [pixels, op('y', 'MaxPool', ['images'], { ...sliding('SAME', 2, 2), data_format: stringAttr('NCHW') })],
    'node y (MaxPool) has data_format NCHW, expected NHWC',
  ],
  [
    'another padding',
    [pixels, filter(3, 3, 2, 1), op('y', 'Conv2D', ['images', 'w'], sliding('EXPLICIT', 1))],
    'node y (Conv2D) has padding EXPLICIT, expected SAME or VALID',
  ],
  [
    'no strides',
    [pixels, op('y', 'MaxPool', ['images'], { padding: stringAttr('SAME') })],
    'node y (MaxPool) has ksize [], expected [1, height, width, 1]',
  ],
  [
    'a stride of 0',
    [pixels, op('y', 'MaxPool', ['images'], sliding('SAME', 0, 2))],
    'node y (MaxPool) has strides [1,0,0,1], expected [1, height, width, 1]',
  ],
  [
    'a window larger than the image',
    [pixels, op('y', 'MaxPool', ['images'], sliding('VALID', 1, 5))],
    'node y (MaxPool) slides a window of 5 x 5 over 4 x 4 pixels',
  ],
  [
    'a filter for other channels',
    [pixels, filter(3, 3, 3, 1), op('y', 'Conv2D', ['images', 'w'], sliding('SAME', 1))],
    'node y (Conv2D) convolves [batch, 4, 4, 2] with a filter of shape [3, 3, 3, 1]',
  ],
  [
    'too few axes',
    [image(-1, 4), op('y', 'LRN', ['images'])],
    'node y (LRN) reads shape [batch, 4], expected 4 axes',
  ],
  [
    'biases of another length',
    [pixels, filter(3), op('y', 'BiasAdd', ['images', 'w'])],
    'node y (BiasAdd) adds biases [3] to [batch, 4, 4, 2]',
  ],
  [
    'shapes that do not broadcast',
    [pixels, filter(3), op('y', 'Mul', ['images', 'w'])],
    'node y (Mul) combines [batch, 4, 4, 2] with [3]',
  ],
  [
    'images mixed with constants',
    [image(-1, 3), filter(2, 3), op('y', 'Add', ['images', 'w'])],
    'node y (Add) combines [batch, 3] with [2, 3]',
  ],
  [
    'a sum that would be absurd',
    [image(-1, 1, 30000), filter(30000, 1), op('y', 'Add', ['images', 'w'])],
    'node y (Add) gives [batch, 30000, 30000], which brings the graph above the limit of 268435456 values per image',
  ],
  [
    'matrices that do not fit',
    [image(-1, 3), filter(2, 3), op('y', 'MatMul', ['images', 'w'])],
    'node y (MatMul) multiplies [batch, 3] by [2, 3]',
  ],
  [
    'a reshape to another size',
    [pixels, integers('shape', -1, 31), op('y', 'Reshape', ['images', 'shape'])],
    'node y (Reshape) turns [batch, 4, 4, 2] into [-1,31], expected -1 and then extents of 32 values',
  ],
  [
    'a reshape to another batch',
    [pixels, integers('shape', 128, -1), op('y', 'Reshape', ['images', 'shape'])],
    'node y (Reshape) turns [batch, 4, 4, 2] into [128,-1], expected -1 and then extents of 32 values',
  ],
  [
    'a reshape to computed numbers',
    [pixels, op('y', 'Reshape', ['images', 'images'])],
    'node y (Reshape) reads a shape from images, expected a constant of integers',
  ],
  [
    'integers in a sum',
    [pixels, integers('n', 1), op('y', 'Add', ['images', 'n'])],
    'node y (Add) computes with the int32 of n, expected float32',
  ],
  [
    'integers as the output',
    [pixels, integers('n', 1), identity('y', 'n', DataType.DT_INT32, ['images'])],
    'y depends on no placeholder, expected exactly one',
  ],
  [
    'a constant of another type',
    [
      pixels,
      constant('half', { dtype: 'float16', shape: [1], data: Uint16Array.of(0) }),
      op('y', 'Add', ['images', 'half']),
    ],
    'node y (Add) computes with the float16 of half, expected float32',
  ],
  [
    'a constant without a value',
    [pixels, node('none', 'Const', []), op('y', 'Add', ['images', 'none'])],
    'node none (Const) has no value',
  ],
  [
    'an absurd constant',
    [pixels, absurd('huge', 65536, 65536), op('y', 'Add', ['images', 'huge'])],
    'node huge (Const) gives float32 of shape [65536, 65536], which exceeds the folding limit for this file size',
  ],
  [
    'a constant of a negative size',
    [pixels, absurd('less', -2), op('y', 'Add', ['images', 'less'])],
    'node less (Const) is damaged: a tensor has shape [-2], expected extents of 0 or more',
  ],
  [
    'a constant of too few values',
    [
      pixels,
      {
        ...floats('few', [2], [1, 2]),
        attr: { value: tensorAttr(float32Tensor([3], Float32Array.of(1, 2))) },
      },
      op('y', 'Add', ['images', 'few']),
    ],
    'node few (Const) is damaged: a float32 tensor of shape [3] holds 8 bytes, expected 12',
  ],
];

describe('a graph that cannot be computed is refused in one line:', () => {
  it.each(damaged)('%s', async (_, nodes, message) => {
    expect(await refusal(bytesOf(nodes))).toMatchObject({ code: 'graph', message });
  });
});

it('a chain of many thousand nodes is followed without recursion', async () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `n${i}`);
  const chain = names.map((name, i) => identity(name, i === 0 ? 'images' : names[i - 1]!, DataType.DT_FLOAT));
  const model = await loadFrozenModel(bytesOf([image(-1, 1), ...chain]), { backend: 'cpu' });
  expect(await model.run(Float32Array.of(7))).toEqual(Float32Array.of(7));
  await model.dispose();

  const circle = [
    op('n0', 'Relu', ['n19999']),
    ...chain.slice(1),
    op('y', 'Add', ['n19999', 'images']),
    image(-1, 1),
  ];
  expect((await refusal(bytesOf(circle))).message).toBe(
    'nodes read each other in a circle: n19999, n19998, n19997, n19996, n19995 and 19995 more',
  );
});
