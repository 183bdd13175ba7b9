import { expect, test } from 'vitest';
import { onnxNode } from '../../../src/export/onnx/messages.ts';
import type { NumericTensor } from '../../../src/formats/numeric-tensor.ts';
import { onnxConstant } from '../../../src/formats/onnx/constants.ts';

const MATRIX: NumericTensor = { dtype: 'float32', shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) };
const TURNED = { dtype: 'float32', shape: [3, 2], values: Float32Array.of(1, 4, 2, 5, 3, 6) };

const transposed = (attributes: { perm?: number[] }) =>
  onnxConstant(onnxNode('Transpose', ['w'], 'y', attributes), [MATRIX]);

test('a tensor is transposed by the axes that are given, or else by all in reverse', () => {
  expect(transposed({ perm: [0, 1] })).toEqual(MATRIX);
  expect(transposed({ perm: [1, 0] })).toEqual(TURNED);
  expect(transposed({})).toEqual(TURNED);
});

test.each([[[0, 2]], [[-1, 0]], [[1, 1]], [[0]], [[0, 1, 2]]])('axes %j of a matrix give nothing', (perm) => {
  expect(transposed({ perm })).toBeUndefined();
});
