import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  boolAttr,
  constant,
  graphDef,
  identity,
  intAttr,
  intListAttr,
  node,
  stringTensorAttr,
  typeAttr,
} from '../../src/graph/index.ts';
import { loadFrozenModel } from '../../src/runtime/index.ts';
import { planGraph } from '../../src/runtime/plan.ts';
import {
  AttrValueSchema,
  DataType,
  type NodeDef,
  TensorProtoSchema,
  TensorShapeProtoSchema,
} from '../../src/wire/protos.ts';
import { shapeProto } from '../../src/wire/tensor.ts';
import { bytesOf, floats, image, integers, op, sliding } from './graphs.ts';
import { refusal } from './refusal.ts';

const MIB = 2 ** 20;
const pixels = image(-1, 4);
const sum = (input: string) => op('y', 'Add', ['images', input]);
/** A constant of one value that stands for all. */
const splat = (name: string, ...shape: number[]) => {
  const value = create(TensorProtoSchema, {
    dtype: DataType.DT_FLOAT,
    tensorShape: shapeProto(shape),
    floatVal: [1],
  });
  return node(name, 'Const', [], { value: create(AttrValueSchema, { value: { case: 'tensor', value } }) });
};
const convolution = ({ name = 'y', input = 'images', strides = 1, dilations = 1 }) =>
  op(name, 'Conv2D', [input, 'w'], {
    ...sliding('SAME', strides),
    dilations: intListAttr([1, dilations, dilations, 1]),
  });
const anyRank = create(AttrValueSchema, {
  value: { case: 'shape', value: create(TensorShapeProtoSchema, { unknownRank: true }) },
});

const claims = Array.from({ length: 9 }, (_, i) => splat(`c${i}`, 2 ** 23));
/** Sums of a constant with itself, each of which takes as much again. */
const sums = Array.from({ length: 1000 }, (_, i) => op(`s${i + 1}`, 'Add', [`s${i}`, `s${i}`]));
const hostile: [what: string, nodes: readonly NodeDef[], message: string | RegExp][] = [
  [
    'a claim of 2^40 values',
    [pixels, splat('huge', 2 ** 20, 2 ** 20), sum('huge')],
    /^node huge \(Const\) gives float32 of shape \[1048576, 1048576\], which exceeds the folding limit for this file size/,
  ],
  ['a claim of 2 GiB', [pixels, splat('huge', 2 ** 29), sum('huge')], /^node huge \(Const\) gives float32/],
  [
    'many claims that are each allowed',
    [
      pixels,
      ...claims,
      op(
        'p',
        'Pack',
        claims.map(({ name }) => name),
      ),
      sum('p'),
    ],
    /^node c8 \(Const\) gives float32 of shape \[8388608\]/,
  ],
  [
    'sums without end',
    [pixels, splat('s0', 2 ** 20), ...sums, sum('s1000')],
    /^node s64 \(Add\) gives float32/,
  ],
  [
    'extents whose product overflows',
    [pixels, splat('huge', 2 ** 50, 2 ** 50), sum('huge')],
    /^node huge \(Const\) is damaged: a tensor has shape/,
  ],
  [
    'no values',
    [pixels, floats('none', [0, 4], []), sum('none')],
    /^node y \(Add\) reads none of shape \[0, 4\]/,
  ],
  [
    'two extents to infer',
    [pixels, integers('shape', -1, -1), op('y', 'Reshape', ['images', 'shape'])],
    /^node y \(Reshape\) turns \[batch, 4\] into \[-1,-1\]/,
  ],
  [
    'strings',
    [pixels, node('text', 'Const', [], { value: stringTensorAttr(['a']) }), sum('text')],
    'node text (Const) is damaged: a tensor has element type DT_STRING',
  ],
  [
    'a constant of another type than it says',
    [
      pixels,
      {
        ...floats('w', [4], [1, 2, 3, 4]),
        attr: { ...floats('w', [4], [1, 2, 3, 4]).attr, dtype: typeAttr(DataType.DT_INT32) },
      },
      sum('w'),
    ],
    'node w (Const) declares dtype as DT_INT32, but reads float32',
  ],
  [
    'an axis of another kind',
    [pixels, floats('w', [4], [1, 2, 3, 4]), node('p', 'Pack', ['w'], { axis: boolAttr(true) }), sum('p')],
    'node p (Pack) has attribute axis of kind b, expected i',
  ],
  [
    'images of unknown rank',
    [
      node('images', 'Placeholder', [], { dtype: typeAttr(DataType.DT_FLOAT), shape: anyRank }),
      op('y', 'Relu', ['images']),
    ],
    'node images (Placeholder) has no shape, expected [batch, ...extents of an image]',
  ],
  [
    'a loop',
    [pixels, op('m', 'Merge', ['images', 'n']), op('n', 'NextIteration', ['m']), op('y', 'Relu', ['m'])],
    'node n (NextIteration) closes a loop, which this runtime does not compute',
  ],
  [
    'a batch that meets another axis',
    [
      image(-1, 3),
      integers('shape', -1, 1, 3),
      op('tall', 'Reshape', ['images', 'shape']),
      op('y', 'Add', ['images', 'tall']),
    ],
    'node y (Add) combines [batch, 3] with [batch, 1, 3]',
  ],
  [
    'padding without end, by dilations',
    [image(-1, 24, 24, 3), splat('w', 1, 3, 3, 16), convolution({ dilations: 2 ** 20 })],
    'node y (Conv2D) pads 24 x 24 pixels to 24 x 2097176, expected at most 64 times as many',
  ],
  [
    'padding without end, by a stride',
    [image(-1, 4, 4, 16), splat('w', 2, 2, 16, 1), convolution({ strides: 2 ** 24 })],
    'node y (Conv2D) pads 4 x 4 pixels to 4 x 67108864, expected at most 64 times as many',
  ],
  [
    'padding without end, by a large filter',
    [image(-1, 4, 4, 1), splat('w', 2 ** 12, 2 ** 12, 1, 1), convolution({})],
    'node y (Conv2D) pads 4 x 4 pixels to 4099 x 4100, expected at most 64 times as many',
  ],
  [
    'paddings that are each allowed',
    [
      image(-1, 512, 512, 16),
      splat('w', 3, 3, 16, 16),
      ...Array.from({ length: 3 }, (_, i) =>
        convolution({ name: `y${i}`, input: i === 0 ? 'images' : `y${i - 1}`, dilations: 900 }),
      ),
      op('y', 'Relu', ['y2']),
    ],
    /^node y2 \(Conv2D\) gives \[batch, 512, 512, 16\], which brings the graph above the limit of 268435456 values per image$/,
  ],
  [
    'a declared batch of a million images',
    [image(2 ** 20, 4, 4, 1), splat('w', 3, 3, 1, 1), convolution({})],
    /^node y \(Conv2D\) gives \[1048576, 4, 4, 1\], which brings the graph above the limit of 268435456 values per image$/,
  ],
  [
    'weights that fit once and not as often as they are needed',
    [image(-1, 2 ** 13), splat('w', 2 ** 13, 2 ** 12), op('y', 'MatMul', ['images', 'w'])],
    /^node y \(MatMul\) computes with w, float32 of shape \[8192, 4096\], which exceeds the folding limit for this file size/,
  ],
  [
    'an endless name',
    [pixels, op('y'.repeat(MIB), 'Elu', ['images'])],
    /^node y{39}\.\.\.y{38} \(Elu\) has an operation that this runtime does not know$/,
  ],
];

/** A second on an idle machine, in milliseconds on one that is not. */
const SOON = 10_000;

describe('refused in one line, soon and in little memory:', () => {
  it.each(hostile)(
    '%s',
    async (_, nodes, message) => {
      const bytes = bytesOf(nodes);
      const before = process.memoryUsage().rss;
      expect((await refusal(bytes)).message).toMatch(message);
      expect(process.memoryUsage().rss - before).toBeLessThan(600 * MIB);
    },
    SOON,
  );
});

describe('taken:', () => {
  const run = async (nodes: readonly NodeDef[]) => {
    const model = await loadFrozenModel(bytesOf(nodes), { backend: 'cpu' });
    const values = await model.run(Float32Array.of(1, -2, 3, -4));
    await model.dispose();
    return [...values];
  };

  it('a NoOp that waits for the output', async () => {
    expect(await run([pixels, op('y', 'Relu', ['images']), node('done', 'NoOp', ['^y'])])).toEqual([
      1, 0, 3, 0,
    ]);
  });

  it('a placeholder with a default, which is that, beside the images', async () => {
    const factor = node('factor', 'PlaceholderWithDefault', ['two'], { dtype: typeAttr(DataType.DT_FLOAT) });
    expect(await run([pixels, floats('two', [], [2]), factor, op('y', 'Mul', ['images', 'factor'])])).toEqual(
      [2, -4, 6, -8],
    );
  });

  it('images from a placeholder with a default, where there is no other', async () => {
    const images = node('images', 'PlaceholderWithDefault', ['zeros'], pixels.attr);
    expect(await run([floats('zeros', [1, 4], [0, 0, 0, 0]), images, op('y', 'Relu', ['images'])])).toEqual([
      1, 0, 3, 0,
    ]);
  });

  it('a hundred thousand nodes in a row, of images and of constants', () => {
    const chain = (name: string, first: string) =>
      Array.from({ length: 50_000 }, (_, i) =>
        identity(`${name}${i}`, i === 0 ? first : `${name}${i - 1}`, DataType.DT_FLOAT),
      );
    const nodes = [
      pixels,
      floats('w', [4], [1, 2, 3, 4]),
      ...chain('a', 'images'),
      ...chain('b', 'w'),
      op('y', 'Add', ['a49999', 'b49999']),
    ];
    expect(planGraph(graphDef(nodes), 'y').plan.operations).toHaveLength(3);
  });

  it('a depth radius beyond all channels, which is as good as one of all', async () => {
    const normalized = async (radius: number) => {
      const nodes = [image(-1, 1, 1, 4), op('y', 'LRN', ['images'], { depth_radius: intAttr(radius) })];
      const model = await loadFrozenModel(bytesOf(nodes), { engine: 'simd', threads: 1 });
      const values = await model.run(Float32Array.of(1, -2, 3, -4));
      await model.dispose();
      return values;
    };
    expect(await normalized(2 ** 30)).toEqual(await normalized(3));
  });

  it('a layer of more outputs than a call has arguments', async () => {
    const outputs = 2 ** 18;
    const nodes = [
      image(-1, 1),
      floats('w', [1, outputs], new Float32Array(outputs)),
      op('y', 'MatMul', ['images', 'w']),
    ];
    const model = await loadFrozenModel(bytesOf(nodes), { engine: 'simd', threads: 1 });
    expect((await model.run(Float32Array.of(1))).length).toBe(outputs);
    await model.dispose();
  });

  it('dilations and strides beyond the image that pad it little', async () => {
    for (const attributes of [{ dilations: 1000 }, { strides: 1000 }]) {
      const nodes = [
        image(-1, 2, 2, 1),
        floats('w', [3, 3, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        convolution(attributes),
      ];
      const model = await loadFrozenModel(bytesOf(nodes), { engine: 'simd', threads: 1 });
      const values = [...(await model.run(Float32Array.of(1, 2, 3, 4)))];
      // Dilated, only the filter's centre meets the image; strided, its upper left part.
      expect(values).toEqual(attributes.dilations ? [5, 10, 15, 20] : [1 + 2 * 2 + 3 * 4 + 4 * 5]);
      await model.dispose();
    }
  });

  it('weights of 64 MiB', () => {
    const nodes = [
      image(-1, 2 ** 12),
      floats('w', [2 ** 12, 2 ** 12], new Float32Array(2 ** 24)),
      constant('two', { dtype: 'float32', shape: [], data: Float32Array.of(2) }),
      node('scaled', 'Mul', ['w', 'two'], { N: intAttr(1) }),
      op('y', 'MatMul', ['images', 'scaled']),
    ];
    expect(planGraph(graphDef(nodes), 'y').plan.operations).toHaveLength(3);
  });
});
