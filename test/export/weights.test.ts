import { toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
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
import { DataType, type GraphDef, GraphDefSchema } from '../../src/wire/protos.ts';
import { float32Tensor, tensorBytes } from '../../src/wire/tensor.ts';
import { floats, image, op } from '../runtime/graphs.ts';

const MASKED = 'fc/weights/masked_weight';
const weight = (shape: number[], ...values: number[]) => ({
  name: MASKED,
  value: float32Tensor(shape, Float32Array.from(values)),
  outputAxes: [shape.length - 1],
});
const graphOf = (shape: readonly number[], values: ArrayLike<number>) =>
  graphDef([image(-1, shape[0]!), floats(MASKED, shape, values), op('out', 'MatMul', ['images', MASKED])]);
const names = (graph: GraphDef) => graph.node.map(({ name }) => name);
const bitsOf = (graph: GraphDef, name = MASKED) => [...tensorBytes(readWeights(graph).get(name)!.value)];
const bytes = (graph: GraphDef) => toBinary(GraphDefSchema, graph).length;

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

describe('int8', () => {
  it('is the nearest multiple of a 127th of the largest magnitude of each output, ties to even', () => {
    const { values, scale } = storedValues(weight([3, 2], 127, -254, 0.5, 3, 1.5, 0), 'int8');
    expect([...values.data]).toEqual([127, -127, 0, 2, 2, 0]);
    expect(scale).toEqual(float32Tensor([2], Float32Array.of(1, 2)));
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
      /holds the weight NaN, which int8 cannot/,
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
