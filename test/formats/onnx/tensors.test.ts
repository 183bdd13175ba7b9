import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { onnxSparseTensor } from '../../../src/formats/onnx/tensors.ts';
import { onnx } from '../../../src/wire/protos.ts';

const { FLOAT, INT64 } = onnx.TensorProto_DataType;

/** A matrix [2, 3] with 7 and 8 at these places. */
const sparse = (extents: readonly number[], places: readonly number[]) =>
  onnxSparseTensor(
    create(onnx.SparseTensorProtoSchema, {
      dims: [2n, 3n],
      values: { dims: [2n], dataType: FLOAT, floatData: [7, 8] },
      indices: { dims: extents.map(BigInt), dataType: INT64, int64Data: places.map(BigInt) },
    }),
  );

test('a sparse tensor has its values at places in the flat tensor or at coordinates', () => {
  const data = Float32Array.of(0, 7, 0, 0, 0, 8);
  expect(sparse([2], [1, 5])?.data).toEqual(data);
  expect(sparse([2, 2], [0, 1, 1, 2])?.data).toEqual(data);
});

test.each([
  ['a place beyond the end', [2], [1, 6]],
  ['a place before the start', [2], [-1, 1]],
  ['too few places', [1], [1]],
  ['too many places', [3], [1, 2, 3]],
  ['coordinates beyond the end', [2, 2], [0, 1, 2, 0]],
])('a sparse tensor with %s is not read', (_, extents, places) => {
  expect(sparse(extents, places)).toBeUndefined();
});
