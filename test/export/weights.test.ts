import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { weightSizes } from '../../src/export/sizes.ts';
import { WEIGHT_FORMATS, weightFormatOf } from '../../src/export/weight-format.ts';
import { putZerosBack, withoutZeros } from '../../src/export/weights/bitmask.ts';
import {
  largestRounding,
  readWeights,
  roundWeights,
  storedValues,
  storeWeights,
  weightConstants,
} from '../../src/export/weights/index.ts';
import { boolAttr, constant, graphDef, identity, node } from '../../src/graph/index.ts';
import {
  AttrValueSchema,
  DataType,
  type GraphDef,
  GraphDefSchema,
  type NodeDef,
  type TensorProto,
} from '../../src/wire/protos.ts';
import { float32Tensor, tensorBytes } from '../../src/wire/tensor.ts';
import { floats, image, integers, op, T } from '../runtime/graphs.ts';

const MASKED = 'fc/weights/masked_weight';
const weight = (shape: number[], ...values: number[]) => ({
  name: MASKED,
  value: float32Tensor(shape, Float32Array.from(values)),
  outputAxes: [shape.length - 1],
});
const graphOf = (shape: readonly number[], values: ArrayLike<number>) =>
  graphDef([image(-1, shape[0]!), floats(MASKED, shape, values), op('out', 'MatMul', ['images', MASKED])]);
const text = create(AttrValueSchema, {
  value: {
    case: 'tensor',
    value: { dtype: DataType.DT_STRING, tensorShape: { dim: [{ size: 1n }, { size: 1n }] } },
  },
});
const names = (graph: GraphDef) => graph.node.map(({ name }) => name);
const bitsOf = (graph: GraphDef, name = MASKED) => [...tensorBytes(readWeights(graph).get(name)!.value)];
const bytes = (graph: GraphDef) => toBinary(GraphDefSchema, graph).length;

describe('the weights of a graph', () => {
  const MATRIX = floats('w', [2, 2], [1, 2, 3, 4]);
  const float64 = (name: string, ...shape: number[]) =>
    constant(name, { dtype: 'float64', shape, data: new Float64Array(4) });
  const transposed = (side: 'a' | 'b') => ({ [`transpose_${side}`]: boolAttr(true) });

  it.each([
    ['filter', [1, 1, 2, 2], op('a', 'Conv2D', ['images', 'w']), [3]],
    ['filter of three axes', [1, 1, 1, 2, 2], op('a', 'Conv3D', ['images', 'w']), [4]],
    ['filter by channel', [1, 1, 2, 2], op('a', 'DepthwiseConv2dNative', ['images', 'w']), [2, 3]],
    ['filter of a gradient', [1, 1, 2, 2], op('a', 'Conv2DBackpropInput', ['size', 'w', 'images']), [2]],
    ['second matrix', [2, 2], op('a', 'MatMul', ['images', 'w']), [1]],
    ['second matrix, transposed', [2, 2], op('a', 'MatMul', ['images', 'w'], transposed('b')), [0]],
    ['first matrix', [2, 2], op('a', 'MatMul', ['w', 'images']), [0]],
    ['first matrix, transposed', [2, 2], op('a', 'MatMul', ['w', 'images'], transposed('a')), [1]],
  ])('have one output of a %s for each place on an axis', (_, shape, reader, axes) => {
    const graph = graphDef([image(-1, 2), integers('size', 1), floats('w', shape, [1, 2, 3, 4]), reader]);
    expect(weightConstants(graph).map(({ name, outputAxes }) => [name, outputAxes])).toEqual([['w', axes]]);
  });

  it.each<[string, NodeDef[], string[]]>([
    ['handed on', [MATRIX, op('b', 'Enter', ['w']), op('c', 'ConcatV2', ['b', 'axis'])], ['w']],
    ['computed from a matrix', [MATRIX, op('c', 'Relu', ['w'])], []],
    ['of more precision', [float64('c', 2, 2)], []],
    ['vectors, though they are named as weights', [floats('a/masked_weight', [2], [1, 2])], []],
    [
      'matrices named as weights, which nothing reads',
      [floats('a/masked_weight', [1, 2], [1, 2])],
      ['a/masked_weight'],
    ],
    ['text', [node('a/masked_weight', 'Const', [], { value: text })], []],
    ['without a value', [node('c', 'Const', [])], []],
  ])('are found where they are %s', (_, nodes, expected) => {
    const reader = nodes.at(-1)!.name.includes('masked') ? [] : [op('out', 'MatMul', ['images', 'c'])];
    const others = nodes.some(({ op: kind }) => kind === 'ConcatV2') ? [integers('axis', 0)] : [];
    const graph = graphDef([image(-1, 2), ...others, ...nodes, ...reader]);
    expect(weightConstants(graph).map(({ name }) => name)).toEqual(expected);
  });

  it('are told by the first that reads them; a reader may lack them', () => {
    const readers = [
      op('a', 'MatMul', ['images']),
      op('b', 'MatMul', ['w', 'images']),
      op('c', 'MatMul', ['images', 'w']),
    ];
    expect(weightConstants(graphDef([image(-1, 2), MATRIX, ...readers]))).toMatchObject([
      { outputAxes: [0] },
    ]);
  });

  it.each([
    ['float64', float64('w', 2, 2)],
    ['float16', constant('w', { dtype: 'float16', shape: [2, 2], data: new Uint16Array(4) })],
  ])('of %s are kept as they are, and refused in another format', (type, matrix) => {
    const graph = graphDef([image(-1, 2), matrix, op('out', 'MatMul', ['images', 'w'])]);
    expect(storeWeights(graph, 'dense')).toBe(graph);
    expect(readWeights(graph).size).toBe(0);
    expect(() => storeWeights(graph, 'int8')).toThrow(
      expect.objectContaining({
        code: 'argument',
        message: `w holds weights of ${type}; only float32 can be stored in another way`,
        hint: expect.stringContaining('--weight_format=dense'),
      }),
    );
  });

  it('of other types or of one axis are no weights to refuse', () => {
    const graph = graphDef([
      image(-1, 2),
      float64('a/masked_weight', 4),
      constant('b/masked_weight', { dtype: 'int32', shape: [2, 2], data: new Int32Array(4) }),
      node('c/masked_weight', 'Const', []),
    ]);
    expect(storeWeights(graph, 'float16').node).toEqual(graph.node);
    expect(roundWeights(graph, 'sparse')).toBe(graph);
  });

  it('are left out where what decodes them is damaged', () => {
    const graph = graphDef([
      image(-1, 2),
      MATRIX,
      integers('shape', 3, 3),
      node(MASKED, 'Reshape', ['w', 'shape'], T),
      op('out', 'MatMul', ['images', MASKED]),
    ]);
    expect([...readWeights(graph).keys()]).toEqual([]);
  });

  it('are counted with their zeros and bytes', () => {
    const graph = graphOf([2, 2], [1, 0, 0, -0]);
    const stored = new Map([[MASKED, { value: weightConstants(graph)[0]!.value, bytes: 17 }]]);
    const constants = graphDef([graph.node[1]!]);
    constants.versions = undefined;
    expect(weightSizes(graph, stored)).toEqual([
      { name: MASKED, shape: [2, 2], values: 4, zeros: 3, denseBytes: bytes(constants), storedBytes: 17 },
    ]);
  });
});

describe('without zeros', () => {
  test.each([
    ['some, in a last byte that is not full', [0, 2, 0, 0, 3, 0, 0, 0, 0, 4], [0b10010, 0b10], [0, 2, 3, 4]],
    ['all zero', [0, 0, 0], [0], [0]],
    ['none zero', [1, 2, 3, 4, 5, 6, 7, 8], [255], [0, 1, 2, 3, 4, 5, 6, 7, 8]],
    ['-0 and NaN stay', [-0, 0, Number.NaN], [0b101], [0, -0, Number.NaN]],
  ])('%s', (_, values, bits, survivors) => {
    const sparse = withoutZeros(float32Tensor([values.length, 1], Float32Array.from(values)));
    expect([...sparse.bits]).toEqual(bits);
    expect([...sparse.survivors.data]).toEqual(survivors);
  });

  it('cuts only where the count is no multiple of 8', () => {
    const ops = (count: number) =>
      putZerosBack(withoutZeros(float32Tensor([count, 1], new Float32Array(count))), 'x', 's').map(
        (n) => n.op,
      );
    expect(ops(16)).not.toContain('Slice');
    expect(ops(17)).toContain('Slice');
    expect(new Set(ops(17))).toEqual(
      new Set('Const RightShift BitwiseAnd Reshape Slice Cast Cumsum Mul GatherV2'.split(' ')),
    );
  });
});

const types = (attr: NodeDef['attr']) =>
  Object.fromEntries(
    Object.entries(attr).map(([key, { value }]) => [key, DataType[value.value as DataType] ?? '']),
  );

it('decodes with operations of TensorFlow that name the types of what they read', () => {
  const data = new Float32Array(11011).fill(2, 7, 9);
  const { node: nodes } = storeWeights(graphOf([1001, 11], data), 'sparse,int8');
  const stored = nodes.slice(1, -1);
  const own = (name: string) => name.replace('fc/weights/stored/', '');
  expect(
    stored
      .filter(({ op: kind }) => kind !== 'Const')
      .map(({ name, op: kind, input, attr }) => [own(name), kind, input.map(own), types(attr)]),
  ).toEqual([
    ['floats', 'Cast', ['values'], { DstT: 'DT_FLOAT', SrcT: 'DT_INT8' }],
    ['shifted', 'RightShift', ['bits', 'shifts'], { T: 'DT_UINT8' }],
    ['table', 'BitwiseAnd', ['shifted', 'one'], { T: 'DT_UINT8' }],
    ['flat', 'Reshape', ['table', 'all'], { T: 'DT_UINT8' }],
    ['cut', 'Slice', ['flat', 'begin', 'count'], { Index: 'DT_INT32', T: 'DT_UINT8' }],
    ['present', 'Cast', ['cut'], { DstT: 'DT_INT32', SrcT: 'DT_UINT8' }],
    ['rank', 'Cumsum', ['present', 'axis'], { T: 'DT_INT32' }],
    ['place', 'Mul', ['rank', 'present'], { T: 'DT_INT32' }],
    [
      'elements',
      'GatherV2',
      ['floats', 'place', 'axis'],
      { Taxis: 'DT_INT32', Tindices: 'DT_INT32', Tparams: 'DT_FLOAT' },
    ],
    ['dense', 'Reshape', ['elements', 'shape'], { T: 'DT_FLOAT' }],
    [MASKED, 'Mul', ['dense', 'scale'], { T: 'DT_FLOAT' }],
  ]);
  const constants = stored.filter(({ op: kind }) => kind === 'Const');
  expect(
    constants.map(({ name, attr }) => {
      const value = attr.value!.value.value as TensorProto;
      return [own(name), DataType[value.dtype], value.tensorShape!.dim.map(({ size }) => Number(size))];
    }),
  ).toEqual([
    ['values', 'DT_INT8', [3]],
    ['bits', 'DT_UINT8', [1377, 1]],
    ['shifts', 'DT_UINT8', [8]],
    ['one', 'DT_UINT8', []],
    ['all', 'DT_INT32', [1]],
    ['begin', 'DT_INT32', [1]],
    ['count', 'DT_INT32', [1]],
    ['axis', 'DT_INT32', []],
    ['shape', 'DT_INT32', [2]],
    ['scale', 'DT_FLOAT', [11]],
  ]);
});

it('leaves zeros in where the format does not say sparse', () => {
  const graph = graphOf([100, 10], new Float32Array(1000));
  expect(storeWeights(graph, 'float16').node.map(({ op: kind }) => kind)).toEqual([
    'Placeholder',
    'Const',
    'Cast',
    'MatMul',
  ]);
});

describe('int8', () => {
  it('is the nearest multiple of a 127th of the largest magnitude of each output, ties to even', () => {
    const given = weight([3, 2], 127, -254, 0.5, 3, 1.5, 0);
    const { values, scale } = storedValues(given, 'int8');
    expect([...values.data]).toEqual([127, -127, 0, 2, 2, 0]);
    expect(scale).toEqual(float32Tensor([2], Float32Array.of(1, 2)));
    // Half a multiple of each output, and what float32 adds.
    const bound = largestRounding(given, 'int8');
    for (const [index, half] of [0.5, 1, 0.5].entries()) {
      expect(bound(index)).toBeGreaterThan(half);
      expect(bound(index)).toBeLessThan(half * 1.0001);
    }
    expect([...storedValues(weight([3, 1], 127, 2.5, -3.5), 'int8').values.data]).toEqual([127, 2, -4]);
  });

  it('is 0 where the 127th part of the largest magnitude is', () => {
    const tiny = weight([2, 1], 1e-44, 0);
    expect([...storedValues(tiny, 'int8').values.data]).toEqual([0, 0]);
    expect(largestRounding(tiny, 'int8')(0)).toBeGreaterThanOrEqual(1e-44);
  });

  it('scales outputs that are not the last axis, and both axes of a depthwise filter', () => {
    const graph = graphDef([
      image(-1, 2),
      floats('w', [3, 2], [1, 2, 3, 4, 5, 6]),
      identity('w/read', 'w', DataType.DT_FLOAT),
      op('a', 'MatMul', ['images', 'w/read'], { transpose_b: boolAttr(true) }),
      floats('d', [1, 1, 2, 3], [1, 2, 3, 4, 5, 6]),
      op('b', 'DepthwiseConv2dNative', ['images', 'd']),
    ]);
    const scales = weightConstants(graph).map((each) => storedValues(each, 'int8').scale!);
    expect(scales.map(({ shape }) => shape)).toEqual([
      [3, 1],
      [2, 3],
    ]);
    expect([...scales[0]!.data]).toEqual([2, 4, 6].map((largest) => Math.fround(largest / 127)));
  });

  it('refuses what no multiple can be, as float16 refuses what is beyond it', () => {
    expect(() => storedValues(weight([1, 1], Number.NaN), 'int8')).toThrow(
      expect.objectContaining({
        code: 'argument',
        message: `${MASKED} holds the weight NaN, which int8 cannot`,
      }),
    );
    expect(() => storedValues(weight([1, 1], 70_000), 'float16')).toThrow(/70000, which float16 cannot/);
    expect([...storedValues(weight([1, 2], 65504, Number.POSITIVE_INFINITY), 'float16').values.data]).toEqual(
      [0x7bff, 0x7c00],
    );
  });
});

it('every format decodes to its rounded weights, to the bit, and within its bound', () => {
  const values = fc.oneof(fc.constant(0), fc.float({ noNaN: true, min: -60_000, max: 60_000 }));
  const shapes = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }));
  const tensors = shapes.chain(([rows, columns]) =>
    fc.tuple(
      fc.constant([rows, columns]),
      fc.array(values, { minLength: rows * columns, maxLength: rows * columns }),
    ),
  );
  fc.assert(
    fc.property(tensors, fc.constantFrom(...WEIGHT_FORMATS), ([shape, data], format) => {
      const graph = graphOf(shape, data);
      const stored = storeWeights(graph, format);
      expect(bitsOf(stored)).toEqual(bitsOf(roundWeights(graph, format)));
      const [original] = weightConstants(graph);
      const type = format.split(',').find((word) => word === 'float16' || word === 'int8') ?? 'float32';
      const bound = largestRounding(original!, type as 'float32');
      readWeights(stored)
        .get(MASKED)!
        .value.data.forEach((value, i) => {
          expect(Math.abs(value - original!.value.data[i]!)).toBeLessThanOrEqual(bound(i));
        });
    }),
    { seed: 4, numRuns: 200 },
  );
});

describe('in a graph', () => {
  const sparseValues = Float32Array.from({ length: 4000 }, (_, i) => (i % 10 === 3 ? i : 0));

  it('only the last node is named as the masked weight is', () => {
    const stored = storeWeights(graphOf([400, 10], sparseValues), 'sparse,int8');
    expect(names(stored).filter((name) => name.includes('masked_weight'))).toEqual([MASKED]);
    expect(new Set(names(stored)).size).toBe(stored.node.length);
  });

  it('-0 survives', () => {
    const values = sparseValues.with(5, -0);
    expect(bitsOf(storeWeights(graphOf([400, 10], values), 'sparse'))).toEqual(
      bitsOf(graphOf([400, 10], values)),
    );
  });

  it('a tensor stays whole where leaving zeros out would not make it smaller', () => {
    const [small, full] = [
      graphOf([3, 2], [0, 0, 0, 1, 0, 0]),
      graphOf(
        [400, 10],
        sparseValues.map(() => 1),
      ),
    ];
    for (const graph of [small, full])
      for (const [sparse, whole] of [
        ['sparse', 'dense'],
        ['sparse,float16', 'float16'],
      ] as const)
        expect(bytes(storeWeights(graph, sparse))).toBe(bytes(storeWeights(graph, whole)));
  });

  it('files shrink as zeros grow, and with the type of values', () => {
    const size = (sparsity: number, format: (typeof WEIGHT_FORMATS)[number]) => {
      const values = Float32Array.from({ length: 40_000 }, (_, i) =>
        (i * 7919) % 100 < sparsity ? 0 : i + 1,
      );
      return bytes(storeWeights(graphOf([400, 100], values), format));
    };
    for (const format of ['sparse', 'sparse,float16', 'sparse,int8'] as const) {
      const sizes = [50, 75, 90, 95].map((sparsity) => size(sparsity, format));
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
      expect(new Set(sizes).size).toBe(4);
    }
    expect(size(90, 'sparse,int8')).toBeLessThan(size(90, 'sparse,float16'));
  });

  it('names that are taken are left alone, and control inputs of a constant are kept', () => {
    const inLoop = { ...constant(MASKED, float32Tensor([400, 10], sparseValues)), input: ['^pivot'] };
    const other = floats('fc/weights/stored/bits', [1], [1]);
    const graph = graphDef([
      image(-1, 400),
      node('pivot', 'NoOp', []),
      other,
      inLoop,
      op('out', 'MatMul', ['images', MASKED]),
    ]);
    const stored = storeWeights(graph, 'sparse');
    expect(new Set(names(stored)).size).toBe(stored.node.length);
    const constants = stored.node.filter(({ name, op: kind }) => kind === 'Const' && name !== other.name);
    expect(constants.map(({ input }) => input)).toEqual(constants.map(() => ['^pivot']));
    expect(names(stored)).toContain('fc/weights/stored_1/bits');
  });

  it('biases and what no layer reads stay as they are', () => {
    const others = [
      floats('biases', [10], Array(10).fill(0)),
      floats('table', [100, 10], Array(1000).fill(0)),
    ];
    const graph = graphDef([...graphOf([400, 10], sparseValues).node, ...others]);
    expect(storeWeights(graph, 'sparse,float16').node.slice(-2)).toEqual(others);
  });
});

test('the words of a weight format come in any order', () => {
  expect(['int8, sparse', 'sparse,float16', 'dense', 'float16,int8', ''].map(weightFormatOf)).toEqual([
    'sparse,int8',
    'sparse,float16',
    'dense',
    undefined,
    undefined,
  ]);
});
