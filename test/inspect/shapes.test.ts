import { describe, expect, test } from 'vitest';
import {
  type Attributes,
  boolAttr,
  graphDef,
  intAttr,
  intListAttr,
  node,
  stringAttr,
} from '../../src/graph/index.ts';
import { knownValues } from '../../src/inspect/known-values.ts';
import type { NodeDef } from '../../src/wire/protos.ts';
import { floats, image, integers, op, sliding } from '../runtime/graphs.ts';

/** The shape of the first output of the last node. */
function shapeOf(...nodes: NodeDef[]) {
  return knownValues(graphDef(nodes)).shapes.get(nodes.at(-1)!.name);
}

const numbers = (name: string, rank: readonly number[], ...values: number[]) => ({
  ...integers(name, ...values),
  ...(rank.length === 0 && node(name, 'Const', [], scalarAttributes(values[0]!))),
});
function scalarAttributes(value: number): Attributes {
  const scalar = integers('scalar', value).attr;
  const tensor = scalar.value!.value;
  if (tensor.case === 'tensor') tensor.value.tensorShape!.dim = [];
  return scalar;
}
const scalar = (name: string, value: number) => numbers(name, [], value);
const zeros = (name: string, ...shape: number[]) =>
  floats(name, shape, new Float32Array(shape.reduce((product, extent) => product * extent, 1)));

interface Case {
  readonly op: string;
  /** Of the image that is the first input; the batch is 1. */
  readonly images?: readonly number[];
  readonly others?: readonly NodeDef[];
  readonly attributes?: Attributes;
  readonly expected: readonly (number | undefined)[];
  /** Where the image is not the first input. */
  readonly inputs?: readonly string[];
}

const NCHW = { data_format: stringAttr('NCHW') };

const CASES: readonly Case[] = [
  { op: 'MirrorPad', others: [pads(0, 0, 1, 2, 3, 4, 0, 0)], expected: [1, 9, 15, 3] },
  { op: 'PadV2', others: [pads(0, 0, 1, 1, 0, 0, 2, 0), scalar('value', 0)], expected: [1, 8, 8, 5] },
  { op: 'Mean', others: [integers('axes', 1, 2)], expected: [1, 3] },
  {
    op: 'Mean',
    others: [integers('axes', -3, 2)],
    attributes: { keep_dims: boolAttr(true) },
    expected: [1, 1, 1, 3],
  },
  { op: 'Max', others: [scalar('axis', -1)], expected: [1, 6, 8] },
  { op: 'ArgMax', others: [scalar('axis', 3)], expected: [1, 6, 8] },
  { op: 'ConcatV2', others: [zeros('other', 1, 6, 8, 5), scalar('axis', -1)], expected: [1, 6, 8, 8] },
  { op: 'AddN', others: [zeros('other', 1, 6, 8, 3)], expected: [1, 6, 8, 3] },
  { op: 'Add', others: [zeros('other', 8, 1)], expected: [1, 6, 8, 3] },
  { op: 'AvgPool', attributes: sliding('SAME', 2, 3), expected: [1, 3, 4, 3] },
  { op: 'AvgPool', attributes: sliding('VALID', 2, 3), expected: [1, 2, 3, 3] },
  {
    op: 'AvgPool',
    images: [1, 3, 6, 8],
    attributes: {
      ...NCHW,
      padding: stringAttr('VALID'),
      ksize: intListAttr([1, 1, 2, 4]),
      strides: intListAttr([1, 1, 2, 4]),
    },
    expected: [1, 3, 3, 2],
  },
  {
    op: 'Squeeze',
    images: [1, 1, 8, 1],
    attributes: { squeeze_dims: intListAttr([1, -1]) },
    expected: [1, 8],
  },
  { op: 'Squeeze', images: [1, 1, 8, 1], expected: [8] },
  { op: 'ExpandDims', others: [scalar('axis', -1)], expected: [1, 6, 8, 3, 1] },
  {
    op: 'Pack',
    others: [zeros('other', 1, 6, 8, 3)],
    attributes: { axis: intAttr(1) },
    expected: [1, 2, 6, 8, 3],
  },
  {
    op: 'StridedSlice',
    others: slices([0, 1, 0], [0, -1, 0], [1, 2, -2]),
    attributes: masks(5, 5),
    expected: [1, 2, 4, 3],
  },
  {
    op: 'StridedSlice',
    others: slices([0, 2], [1, 3], [1, 1]),
    attributes: { ...masks(1, 1), shrink_axis_mask: intAttr(2) },
    expected: [1, 8, 3],
  },
  {
    op: 'StridedSlice',
    others: slices([0, 0, 0], [0, 0, 2], [1, 1, 1]),
    attributes: { ...masks(4, 0), ellipsis_mask: intAttr(1), new_axis_mask: intAttr(2) },
    expected: [1, 6, 8, 1, 2],
  },
  {
    op: 'Slice',
    others: [integers('begin', 0, 1, 2, 0), integers('size', 1, 3, -1, 2)],
    expected: [1, 3, 6, 2],
  },
  { op: 'ResizeBilinear', others: [integers('size', 12, 7)], expected: [1, 12, 7, 3] },
  { op: 'ResizeNearestNeighbor', others: [integers('size', 12, 7)], expected: [1, 12, 7, 3] },
  { op: 'Transpose', others: [integers('order', 0, 3, 1, 2)], expected: [1, 3, 6, 8] },
  { op: 'Tile', others: [integers('repeats', 1, 2, 1, 3)], expected: [1, 12, 8, 9] },
  { op: 'GatherV2', others: [integers('indices', 0, 4), scalar('axis', 1)], expected: [1, 2, 8, 3] },
  { op: 'SpaceToBatchND', others: [integers('block', 2, 4), pairs([0, 2], [1, 3])], expected: [8, 4, 3, 3] },
  {
    op: 'BatchToSpaceND',
    images: [8, 4, 3, 3],
    others: [integers('block', 2, 4), pairs([0, 2], [1, 3])],
    expected: [1, 6, 8, 3],
  },
  { op: 'SpaceToDepth', attributes: { block_size: intAttr(2) }, expected: [1, 3, 4, 12] },
  {
    op: 'DepthToSpace',
    images: [1, 3, 4, 12],
    attributes: { block_size: intAttr(2) },
    expected: [1, 6, 8, 3],
  },
  {
    op: 'Split',
    inputs: ['axis', 'images'],
    others: [scalar('axis', 2)],
    attributes: { num_split: intAttr(4) },
    expected: [1, 6, 2, 3],
  },
  { op: 'Unpack', attributes: { axis: intAttr(1), num: intAttr(6) }, expected: [1, 8, 3] },
  { op: 'OneHot', images: [1, 6], others: [scalar('depth', 5)], expected: [1, 6, 5] },
  {
    op: 'Einsum',
    images: [1, 6, 8],
    others: [zeros('w', 8, 2, 5)],
    attributes: { equation: stringAttr('abc,cde->abde') },
    expected: [1, 6, 2, 5],
  },
  {
    op: 'BatchMatMulV2',
    images: [1, 6, 8],
    others: [zeros('w', 5, 8)],
    attributes: { adj_y: boolAttr(true) },
    expected: [1, 6, 5],
  },
  {
    op: '_FusedConv2D',
    others: [zeros('w', 3, 3, 3, 7)],
    attributes: sliding('SAME', 2),
    expected: [1, 3, 4, 7],
  },
  {
    op: 'Conv2D',
    others: [zeros('w', 3, 3, 3, 7)],
    attributes: { ...sliding('VALID', 1), dilations: intListAttr([1, 2, 1, 1]) },
    expected: [1, 2, 6, 7],
  },
  {
    op: 'Conv2D',
    others: [zeros('w', 3, 3, 3, 7)],
    attributes: { ...sliding('EXPLICIT', 2), explicit_paddings: intListAttr([0, 0, 1, 1, 0, 1, 0, 0]) },
    expected: [1, 3, 4, 7],
  },
  {
    op: 'FusedDepthwiseConv2dNative',
    others: [zeros('w', 3, 3, 3, 2)],
    attributes: sliding('SAME', 1),
    expected: [1, 6, 8, 6],
  },
  {
    op: 'Conv2DBackpropInput',
    inputs: ['sizes', 'w', 'images'],
    others: [integers('sizes', -1, 12, 16, 5), zeros('w', 2, 2, 5, 3)],
    expected: [1, 12, 16, 5],
  },
];

function pads(...values: number[]): NodeDef {
  return pairs(
    ...Array.from({ length: values.length / 2 }, (_, at) => [values[2 * at]!, values[2 * at + 1]!] as const),
  );
}
function pairs(...values: (readonly [number, number])[]): NodeDef {
  const list = integers('pairs', ...values.flat());
  const tensor = list.attr.value!.value;
  if (tensor.case === 'tensor')
    tensor.value.tensorShape!.dim = [values.length, 2].map((size) => ({
      ...tensor.value.tensorShape!.dim[0]!,
      size: BigInt(size),
    }));
  return list;
}
function slices(begin: number[], end: number[], strides: number[]): NodeDef[] {
  return [integers('begin', ...begin), integers('end', ...end), integers('strides', ...strides)];
}
function masks(begin: number, end: number): Attributes {
  return { begin_mask: intAttr(begin), end_mask: intAttr(end) };
}

describe('the shape that comes out', () => {
  test.each(CASES)(
    'of $op, $expected',
    ({ op: kind, images = [-1, 6, 8, 3], others = [], attributes, expected, inputs }) => {
      const reads = inputs ?? ['images', ...others.map(({ name }) => name)];
      expect(shapeOf(image(...images), ...others, op('result', kind, reads, attributes))).toEqual(expected);
    },
  );

  test('of what is computed of shapes', () => {
    const found = shapeOf(
      image(-1, 6, 8, 3),
      node('shape', 'Shape', ['images']),
      ...slices([0], [1], [1]),
      node('batch', 'StridedSlice', ['shape', 'begin', 'end', 'strides'], { shrink_axis_mask: intAttr(1) }),
      node('parts', 'Unpack', ['shape'], { num: intAttr(4) }),
      scalar('two', 2),
      node('rows', 'Mul', ['parts:1', 'two']),
      node('columns', 'FloorDiv', ['parts:2', 'two']),
      node('target', 'Pack', ['batch', 'rows', 'columns', 'parts:3']),
      op('result', 'Reshape', ['images', 'target']),
    );
    expect(found).toEqual([1, 12, 4, 3]);
  });

  test('is known as far as the input is', () => {
    expect(shapeOf(image(-1, -1, 8, 3), op('result', 'AvgPool', ['images'], sliding('SAME', 2, 3)))).toEqual([
      1,
      undefined,
      4,
      3,
    ]);
  });

  test.each([
    ['Reshape', [integers('target', 5, 5)]],
    ['Transpose', [integers('order', 0, 0, 1, 2)]],
    ['Squeeze', []],
    ['Pad', [integers('pairs', 1, 2)]],
    ['StridedSlice', slices([0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1])],
    ['Split', [integers('axis', 9)]],
  ] as const)('of %s that does not fit is not told', (kind, others) => {
    const attributes = kind === 'Squeeze' ? { squeeze_dims: intListAttr([9]) } : {};
    const found = shapeOf(
      image(-1, 6, 8, 3),
      ...others,
      op('result', kind, ['images', ...others.map(({ name }) => name)], attributes),
    );
    expect(found === undefined || kind === 'Reshape').toBe(true);
  });
});
