import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { type Attributes, boolAttr, intAttr, intListAttr, node, typeAttr } from '../../src/graph/index.ts';
import { Allowance } from '../../src/tensorflow/allowance.ts';
import { foldNode } from '../../src/tensorflow/constants.ts';
import { DataType } from '../../src/wire/protos.ts';
import type { Tensor } from '../../src/wire/tensor.ts';

const fold = (operation: string, inputs: readonly Tensor[], attributes: Attributes = {}) =>
  foldNode(
    node(
      'y',
      operation,
      inputs.map((_, i) => `x${i}`),
      attributes,
    ),
    inputs,
    new Allowance(),
  );
const float32 = (shape: readonly number[], ...data: number[]): Tensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});
const int32 = (shape: readonly number[], ...data: number[]): Tensor => ({
  dtype: 'int32',
  shape,
  data: Int32Array.from(data),
});
const uint8 = (shape: readonly number[], ...data: number[]): Tensor => ({
  dtype: 'uint8',
  shape,
  data: Uint8Array.from(data),
});
const truths = (shape: readonly number[], ...data: number[]): Tensor => ({
  dtype: 'bool',
  shape,
  data: Uint8Array.from(data),
});
const halves = (...bits: number[]): Tensor => ({
  dtype: 'float16',
  shape: [bits.length],
  data: Uint16Array.from(bits),
});
const list = (...values: number[]) => int32([values.length], ...values);
const scalar = (value: number) => int32([], value);
const matrix = int32([2, 3], 1, 2, 3, 4, 5, 6);
const cast = (tensor: Tensor, type: DataType) => fold('Cast', [tensor], { DstT: typeAttr(type) });

describe('of constants', () => {
  it.each<[what: string, given: Tensor, expected: Tensor]>([
    [
      'bytes come apart into bits',
      fold('BitwiseAnd', [fold('RightShift', [uint8([2, 1], 5, 128), uint8([4], 0, 1, 2, 7)]), uint8([], 1)]),
      uint8([2, 4], 1, 0, 1, 0, 0, 0, 0, 1),
    ],
    [
      'a shift takes as many bits as there are, less one, at the most',
      fold('RightShift', [uint8([3], 255, 255, 255), uint8([3], 7, 8, 255)]),
      uint8([3], 1, 1, 1),
    ],
    ['a product of int32 wraps around', fold('Mul', [list(2 ** 31 - 1), list(2 ** 31 - 1)]), list(1)],
    [
      'a sum of int64 wraps around',
      fold('Add', [
        { dtype: 'int64', shape: [1], data: BigInt64Array.of(2n ** 63n - 1n) },
        { dtype: 'int64', shape: [], data: BigInt64Array.of(2n) },
      ]),
      { dtype: 'int64', shape: [1], data: BigInt64Array.of(-(2n ** 63n) + 1n) },
    ],
    ['a difference broadcasts', fold('Sub', [matrix, int32([2, 1], 1, 2)]), int32([2, 3], 0, 1, 2, 2, 3, 4)],
    ['sums run', fold('Cumsum', [matrix, scalar(1)]), int32([2, 3], 1, 3, 6, 4, 9, 15)],
    [
      'sums run down, without the value itself',
      fold('Cumsum', [matrix, scalar(0)], { exclusive: boolAttr(true) }),
      int32([2, 3], 0, 0, 0, 1, 2, 3),
    ],
    [
      'sums run from the end',
      fold('Cumsum', [matrix, scalar(-1)], { exclusive: boolAttr(true), reverse: boolAttr(true) }),
      int32([2, 3], 5, 3, 0, 11, 6, 0),
    ],
    [
      'values are gathered',
      fold('GatherV2', [float32([3], 0, 2.5, -1), int32([2, 2], 0, 2, 2, 1), scalar(0)]),
      float32([2, 2], 0, -1, -1, 2.5),
    ],
    ['columns are gathered', fold('GatherV2', [matrix, list(2, 0), scalar(-1)]), int32([2, 2], 3, 1, 6, 4)],
    ['a slice is cut', fold('Slice', [matrix, list(0, 1), list(-1, 2)]), int32([2, 2], 2, 3, 5, 6)],
    ['an empty slice is cut', fold('Slice', [matrix, list(2, 0), list(0, 3)]), int32([0, 3])],
    [
      'every other value is cut, backwards, and an axis dropped',
      fold('StridedSlice', [matrix, list(1, 9), list(0, -9), list(1, -2)], {
        shrink_axis_mask: intAttr(1),
      }),
      list(6, 4),
    ],
    ['axes change places', fold('Transpose', [matrix, list(1, 0)]), int32([3, 2], 1, 4, 2, 5, 3, 6)],
    ['an extent is inferred', fold('Reshape', [matrix, list(3, -1)]), int32([3, 2], 1, 2, 3, 4, 5, 6)],
    ['nothing takes a shape', fold('Reshape', [list(), list(0, 5)]), int32([0, 5])],
    ['numbers are packed', fold('Pack', [scalar(7), scalar(8)]), list(7, 8)],
    [
      'lists are packed side by side',
      fold('Pack', [list(1, 2), list(3, 4)], { axis: intAttr(-1) }),
      int32([2, 2], 1, 3, 2, 4),
    ],
    [
      'parts are joined',
      fold('ConcatV2', [int32([2, 1], 1, 2), int32([2, 2], 3, 4, 5, 6), scalar(1)]),
      int32([2, 3], 1, 3, 4, 2, 5, 6),
    ],
    ['an axis is added', fold('ExpandDims', [list(1, 2), scalar(-1)]), int32([2, 1], 1, 2)],
    [
      'an axis is dropped',
      fold('Squeeze', [int32([1, 2, 1], 1, 2)], { squeeze_dims: intListAttr([-1]) }),
      int32([1, 2], 1, 2),
    ],
    ['bytes become integers', cast(uint8([2], 0, 255), DataType.DT_INT32), list(0, 255)],
    ['integers wrap around', cast(list(-1, 300), DataType.DT_UINT8), uint8([2], 255, 44)],
    [
      'small integers become floats',
      cast({ dtype: 'int8', shape: [2], data: Int8Array.of(-127, 3) }, DataType.DT_FLOAT),
      float32([2], -127, 3),
    ],
    [
      'truths become floats',
      cast({ dtype: 'bool', shape: [2], data: Uint8Array.of(0, 1) }, DataType.DT_FLOAT),
      float32([2], 0, 1),
    ],
    [
      'halves become floats: normal, the least normal, below, the least of all, zeros, infinity, none',
      cast(
        {
          dtype: 'float16',
          shape: [8],
          data: Uint16Array.of(0xc500, 0x0400, 0x03ff, 0x8001, 0, 0x8000, 0x7c00, 0xfe00),
        },
        DataType.DT_FLOAT,
      ),
      float32([8], -5, 2 ** -14, 1023 * 2 ** -24, -(2 ** -24), 0, -0, Infinity, Number.NaN),
    ],
    [
      'a product of halves is rounded to the nearest, the even one, or beyond all',
      fold('Mul', [halves(0x3c01, 0x3c01, 0x7bff, 0xbc00), halves(0x3c01, 0x3e00, 0x7bff, 0)]),
      halves(0x3c02, 0x3e02, 0x7c00, 0x8000),
    ],
    [
      'floats become halves',
      cast(float32([3], 1 + 2 ** -11, 1 + 3 * 2 ** -11, 1e6), DataType.DT_HALF),
      halves(0x3c00, 0x3c02, 0x7c00),
    ],
    [
      'numbers are compared, one with all',
      fold('Greater', [matrix, scalar(3)]),
      truths([2, 3], 0, 0, 0, 1, 1, 1),
    ],
    [
      'what is no number equals nothing',
      fold('Equal', [float32([2], Number.NaN, -0), float32([2], Number.NaN, 0)]),
      truths([2], 0, 1),
    ],
    [
      'truths are combined',
      fold('LogicalAnd', [truths([2], 1, 0), fold('LogicalNot', [truths([2], 0, 0)])]),
      truths([2], 1, 0),
    ],
    [
      'values are chosen',
      fold('SelectV2', [truths([3], 1, 0, 1), matrix, scalar(0)]),
      int32([2, 3], 1, 0, 3, 4, 0, 6),
    ],
    [
      'rows are chosen',
      fold('Select', [truths([2], 0, 1), matrix, fold('ZerosLike', [matrix])]),
      int32([2, 3], 0, 0, 0, 4, 5, 6),
    ],
    ['ones take a shape', fold('OnesLike', [matrix]), int32([2, 3], 1, 1, 1, 1, 1, 1)],
    ['a value fills a shape', fold('Fill', [list(2, 1), scalar(7)]), int32([2, 1], 7, 7)],
    ['a row is repeated', fold('BroadcastTo', [list(1, 2), list(2, 2)]), int32([2, 2], 1, 2, 1, 2)],
    [
      'tiles are laid',
      fold('Tile', [int32([1, 2], 1, 2), list(2, 2)]),
      int32([2, 4], 1, 2, 1, 2, 1, 2, 1, 2),
    ],
    ['signs go', fold('Abs', [float32([3], -1.5, -0, 2)]), float32([3], 1.5, 0, 2)],
  ])('%s', (_, given, expected) => {
    expect(given).toEqual(expected);
  });
});

describe('refused, naming the node:', () => {
  const half: Tensor = { dtype: 'float16', shape: [1], data: Uint16Array.of(0) };
  const many = uint8([2 ** 14, 1], ...new Uint8Array(2 ** 14));
  it.each<[what: string, problem: string, fold: () => Tensor]>([
    [
      'types that differ',
      'combines float32 with int32, expected two of',
      () => fold('Add', [float32([1], 1), list(1)]),
    ],
    ['bits of halves', 'combines float16 with float16', () => fold('BitwiseAnd', [half, half])],
    ['truths in order', 'compares bool with bool', () => fold('Less', [truths([1], 1), truths([1], 0)])],
    ['a choice by numbers', 'chooses by int32', () => fold('SelectV2', [matrix, matrix, matrix])],
    [
      'rows of other counts',
      'chooses by [3] between [2, 3] and [2, 3]',
      () => fold('Select', [truths([3], 1, 0, 1), matrix, matrix]),
    ],
    [
      'a choice between shapes',
      'chooses by [1] between [2, 3] and [2]',
      () => fold('SelectV2', [truths([1], 1), matrix, list(1, 2)]),
    ],
    ['a shape too small', 'cannot broadcast [2, 3] to [3]', () => fold('BroadcastTo', [matrix, list(3)])],
    [
      'more than there may be',
      'which exceeds the folding limit for this file size',
      () => fold('Fill', [list(2 ** 20, 2 ** 20), scalar(1)]),
    ],
    ['a negative extent', 'reads [-1]', () => fold('Fill', [list(-1), scalar(1)])],
    ['too few multiples', 'repeats [2, 3] [2] times', () => fold('Tile', [matrix, list(2)])],
    ['the magnitude of a byte', 'takes the magnitude of uint8', () => fold('Abs', [uint8([1], 1)])],
    [
      'bits of floats',
      'combines float32 with float32',
      () => fold('BitwiseAnd', [float32([], 1), float32([], 1)]),
    ],
    ['shapes that do not fit', 'combines [2, 3] with [2]', () => fold('Sub', [matrix, list(1, 2)])],
    ['too many inputs', 'has 3 inputs, expected 2', () => fold('Mul', [matrix, matrix, matrix])],
    [
      'a type that the node denies',
      'declares T as DT_INT32, but reads float32',
      () => fold('Transpose', [float32([1], 1), list(0)], { T: typeAttr(DataType.DT_INT32) }),
    ],
    ['floats as integers', 'casts float32 to DT_INT32', () => cast(float32([1], 1e30), DataType.DT_INT32)],
    ['a cast to strings', 'casts int32 to DT_STRING', () => cast(list(1), DataType.DT_STRING)],
    ['a cast to nothing', 'casts int32 to DT_INVALID', () => fold('Cast', [list(1)])],
    ['an axis that is none', 'has axis 2, expected one of 2 axes', () => fold('Cumsum', [matrix, scalar(2)])],
    ['axes', 'reads int32 of shape [2] as an axis', () => fold('Cumsum', [matrix, list(0, 1)])],
    [
      'an index beyond',
      'reads index 2 of 2 along axis 0',
      () => fold('GatherV2', [list(5, 6), list(2), scalar(0)]),
    ],
    ['an index below', 'reads index -1 of 2', () => fold('GatherV2', [list(5, 6), list(-1), scalar(0)])],
    [
      'batches of indices',
      'has batch_dims, expected none',
      () => fold('GatherV2', [matrix, matrix, scalar(1)], { batch_dims: intAttr(1) }),
    ],
    [
      'a slice beyond',
      'takes [3] from [2] of a tensor of shape [4]',
      () => fold('Slice', [list(1, 2, 3, 4), list(2), list(3)]),
    ],
    ['a slice of too few axes', 'takes [1] from [0] of', () => fold('Slice', [matrix, list(0), list(1)])],
    [
      'steps of 0',
      'takes [0] to [1] by [0] of',
      () => fold('StridedSlice', [matrix, list(0), list(1), list(0)]),
    ],
    [
      'a new axis',
      'has new_axis_mask, expected none',
      () => fold('StridedSlice', [matrix, list(0), list(1), list(1)], { new_axis_mask: intAttr(1) }),
    ],
    ['an axis twice', 'has axes [0,0]', () => fold('Transpose', [matrix, list(0, 0)])],
    ['two extents to infer', 'turns [2, 3] into [-1,-1]', () => fold('Reshape', [matrix, list(-1, -1)])],
    ['an extent of nothing to infer', 'turns [0] into [0,-1]', () => fold('Reshape', [list(), list(0, -1)])],
    [
      'a shape of floats',
      'reads float32 of shape [1], expected a list',
      () => fold('Reshape', [matrix, float32([1], 6)]),
    ],
    ['nothing to pack', 'has 0 inputs, expected 1', () => fold('Pack', [])],
    [
      'packs of several shapes',
      'joins int32 [1], int32 [2], expected N',
      () => fold('Pack', [list(1), list(1, 2)]),
    ],
    [
      'an extent that is not 1',
      'drops axes [0] of shape [2,3]',
      () => fold('Squeeze', [matrix], { squeeze_dims: intListAttr([0]) }),
    ],
    [
      'more than there is memory for',
      'gives uint8 of shape [16384, 16385], which exceeds the folding limit for this file size',
      () => fold('Add', [many, uint8([16385], ...new Uint8Array(16385))]),
    ],
  ])('%s', (_, problem, compute) => {
    expect(compute).toThrow(UserError);
    expect(compute).toThrow(problem);
  });
});
