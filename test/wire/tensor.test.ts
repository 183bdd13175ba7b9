import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { DataType, TensorProtoSchema } from '../../src/wire/protos.ts';
import {
  bytesPerElement,
  dataType,
  dtypeOf,
  shapeProto,
  type Tensor,
  tensorBytes,
  tensorFromBytes,
  tensorFromProto,
  tensorToProto,
} from '../../src/wire/tensor.ts';

const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const proto = (fields: Parameters<typeof create<typeof TensorProtoSchema>>[1]) =>
  create(TensorProtoSchema, fields);
const refusal = { name: 'UserError', code: 'graph' };
const outcome = (compute: () => unknown) => {
  try {
    return compute();
  } catch (error) {
    return error;
  }
};

/** As tf.make_tensor_proto(value).SerializeToString() writes them. */
const WRITTEN_BY_TENSORFLOW: readonly [hex: string, tensor: Tensor][] = [
  ['080112002a040000c03f', { dtype: 'float32', shape: [], data: Float32Array.of(1.5) }],
  [
    '080112081202080112020803220c0000803f000000c00000003f',
    { dtype: 'float32', shape: [1, 3], data: Float32Array.of(1, -2, 0.5) },
  ],
  [
    '08021204120208022210000000000000f83f00000000000000c0',
    { dtype: 'float64', shape: [2], data: Float64Array.of(1.5, -2) },
  ],
  ['081312006a02807c', { dtype: 'float16', shape: [], data: Uint16Array.of(0x3e00) }],
  ['08091200520af9ffffffffffffffff01', { dtype: 'int64', shape: [], data: BigInt64Array.of(-7n) }],
  ['080312003a0af9ffffffffffffffff01', { dtype: 'int32', shape: [], data: Int32Array.of(-7) }],
  ['080512041202080222042c01fbff', { dtype: 'int16', shape: [2], data: Int16Array.of(300, -5) }],
  ['0806120412020802220201ff', { dtype: 'int8', shape: [2], data: Int8Array.of(1, -1) }],
  ['080412003a02c801', { dtype: 'uint8', shape: [], data: Uint8Array.of(200) }],
  ['080a1204120208025a020100', { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) }],
];

describe('reads what TensorFlow writes', () => {
  test.each(WRITTEN_BY_TENSORFLOW.map(([hex, tensor]) => [tensor.dtype, tensor, hex] as const))(
    '%s %o',
    (_, tensor, hex) => {
      expect(tensorFromProto(fromBinary(TensorProtoSchema, fromHex(hex)))).toEqual(tensor);
    },
  );
});

test('writes a matrix as TensorFlow does', () => {
  const [hex, matrix] = WRITTEN_BY_TENSORFLOW[1]!;
  expect(Buffer.from(toBinary(TensorProtoSchema, tensorToProto(matrix))).toString('hex')).toBe(hex);
});

test('every element type comes back as it was, as message and as bytes', () => {
  for (const [, tensor] of WRITTEN_BY_TENSORFLOW) {
    expect(tensorFromProto(tensorToProto(tensor))).toEqual(tensor);
    expect(tensorFromBytes(tensor.dtype, tensor.shape, tensorBytes(tensor))).toEqual(tensor);
    expect(dtypeOf(dataType(tensor.dtype))).toBe(tensor.dtype);
    expect(bytesPerElement(tensor.dtype)).toBe(tensor.data.BYTES_PER_ELEMENT);
  }
});

describe('values listed one by one', () => {
  const floats = (shape: number[], floatVal: number[]) =>
    tensorFromProto(proto({ dtype: DataType.DT_FLOAT, tensorShape: shapeProto(shape), floatVal }));

  test('the last one stands for all that follow', () => {
    expect(floats([2, 3], [1, 2]).data).toEqual(Float32Array.of(1, 2, 2, 2, 2, 2));
  });

  test('also where it is a zero below 0', () => {
    expect(floats([3], [-0]).data).toEqual(Float32Array.of(-0, -0, -0));
  });

  test('none at all are zeros', () => {
    expect(floats([3], []).data).toEqual(new Float32Array(3));
    const scalar = tensorFromProto(proto({ dtype: DataType.DT_INT64 }));
    expect(scalar).toEqual({ dtype: 'int64', shape: [], data: BigInt64Array.of(0n) });
  });

  test('more than the shape holds are refused', () => {
    expect(outcome(() => floats([2], [1, 2, 3]))).toMatchObject(refusal);
  });
});

test('a tensor without elements has no values', () => {
  const empty: Tensor = { dtype: 'float32', shape: [0, 4], data: new Float32Array() };
  expect(tensorFromProto(tensorToProto(empty))).toEqual(empty);
});

test('bytes that are not aligned to the element type are read', () => {
  const bytes = Uint8Array.of(9, 0, 0, 0x80, 0x3f).subarray(1);
  expect(tensorFromBytes('float32', [1], bytes).data).toEqual(Float32Array.of(1));
});

describe('refused', () => {
  const float = { dtype: DataType.DT_FLOAT };
  test.each([
    ['too few bytes', proto({ ...float, tensorShape: shapeProto([2]), tensorContent: new Uint8Array(7) })],
    ['an extent below 0', proto({ ...float, tensorShape: shapeProto([-1]) })],
    ['more elements than memory', proto({ ...float, tensorShape: shapeProto([2 ** 20, 2 ** 20]) })],
    [
      'one value for more than a short message stands for',
      proto({ ...float, tensorShape: shapeProto([2 ** 27]), floatVal: [1] }),
    ],
    [
      'more elements than there are numbers',
      proto({ ...float, tensorShape: shapeProto([2 ** 40, 2 ** 40]) }),
    ],
    ['more axes than TensorFlow has', proto({ ...float, tensorShape: shapeProto(new Array(255).fill(1)) })],
    ['strings', proto({ dtype: DataType.DT_STRING, stringVal: [Buffer.from('a')] })],
    ['no type', proto({})],
    ['a type that does not exist', proto({ dtype: 99 as DataType })],
  ])('%s', (_, message) => {
    expect(outcome(() => tensorFromProto(message))).toMatchObject(refusal);
  });
});
