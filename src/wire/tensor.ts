import { create } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import { DataType, type TensorProto, TensorProtoSchema, TensorShapeProtoSchema } from './protos.ts';

/** The array of values of each element type, row-major; `float16` holds raw bits. */
interface DataByDtype {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly float16: Uint16Array;
  readonly int8: Int8Array;
  readonly uint8: Uint8Array;
  readonly int16: Int16Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  readonly bool: Uint8Array;
}

export type Dtype = keyof DataByDtype;

/** A tensor of one element type; a scalar has shape []. */
export type Tensor = { [D in Dtype]: TensorOf<D> }[Dtype];

export interface TensorOf<D extends Dtype> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: DataByDtype[D];
}

interface DtypeInfo {
  readonly type: DataType;
  readonly bytes: number;
  view(buffer: ArrayBuffer): Tensor['data'];
  /** The values of a TensorProto without tensor_content. The last one repeats until the shape is full. */
  values(proto: TensorProto): readonly (number | bigint | boolean)[];
}

const DTYPES: Readonly<Record<Dtype, DtypeInfo>> = {
  float32: { type: DataType.DT_FLOAT, bytes: 4, view: (b) => new Float32Array(b), values: (p) => p.floatVal },
  float64: {
    type: DataType.DT_DOUBLE,
    bytes: 8,
    view: (b) => new Float64Array(b),
    values: (p) => p.doubleVal,
  },
  float16: { type: DataType.DT_HALF, bytes: 2, view: (b) => new Uint16Array(b), values: (p) => p.halfVal },
  int8: { type: DataType.DT_INT8, bytes: 1, view: (b) => new Int8Array(b), values: (p) => p.intVal },
  uint8: { type: DataType.DT_UINT8, bytes: 1, view: (b) => new Uint8Array(b), values: (p) => p.intVal },
  int16: { type: DataType.DT_INT16, bytes: 2, view: (b) => new Int16Array(b), values: (p) => p.intVal },
  int32: { type: DataType.DT_INT32, bytes: 4, view: (b) => new Int32Array(b), values: (p) => p.intVal },
  int64: { type: DataType.DT_INT64, bytes: 8, view: (b) => new BigInt64Array(b), values: (p) => p.int64Val },
  bool: { type: DataType.DT_BOOL, bytes: 1, view: (b) => new Uint8Array(b), values: (p) => p.boolVal },
};

/** The most elements of a message that lists fewer values than elements; larger ones are refused, not expanded. */
const MAX_REPEATED = 2 ** 26;
/** The most axes of a shape in TensorFlow. */
const MAX_AXES = 254;

export function dataType(dtype: Dtype): DataType {
  return DTYPES[dtype].type;
}

export function bytesPerElement(dtype: Dtype): number {
  return DTYPES[dtype].bytes;
}

/** @returns undefined for an element type that this package does not support, such as strings */
export function dtypeOf(type: DataType): Dtype | undefined {
  return (Object.keys(DTYPES) as Dtype[]).find((dtype) => DTYPES[dtype].type === type);
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function float32Tensor(shape: readonly number[], data: Float32Array): TensorOf<'float32'> {
  return { dtype: 'float32', shape, data };
}

export function float32Scalar(value: number): TensorOf<'float32'> {
  return float32Tensor([], Float32Array.of(value));
}

export function zeroTensor<D extends Dtype>(
  dtype: D,
  shape: readonly number[],
): Extract<Tensor, { dtype: D }> {
  const { bytes, view } = DTYPES[dtype];
  const data = view(new ArrayBuffer(elementCount(shape) * bytes));
  return { dtype, shape, data } as unknown as Extract<Tensor, { dtype: D }>;
}

/** The tensor's little-endian bytes, as a view of its memory. */
export function tensorBytes({ data }: Tensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * A tensor from a copy of its little-endian bytes.
 *
 * @throws UserError `graph` if the number of bytes does not fit the shape
 */
export function tensorFromBytes(dtype: Dtype, shape: readonly number[], bytes: Uint8Array): Tensor {
  const expected = elementCount(shape) * DTYPES[dtype].bytes;
  if (bytes.length !== expected)
    throw new UserError(
      'graph',
      `a ${dtype} tensor of shape [${shape}] holds ${bytes.length} bytes, expected ${expected}`,
    );
  // Not bytes.slice(), which does not copy if `bytes` is a Buffer.
  return { dtype, shape, data: DTYPES[dtype].view(new Uint8Array(bytes).buffer) } as Tensor;
}

export function shapeProto(shape: readonly number[]) {
  return create(TensorShapeProtoSchema, { dim: shape.map((extent) => ({ size: BigInt(extent) })) });
}

export function tensorToProto(tensor: Tensor): TensorProto {
  return create(TensorProtoSchema, {
    dtype: DTYPES[tensor.dtype].type,
    tensorShape: shapeProto(tensor.shape),
    tensorContent: tensorBytes(tensor),
  });
}

/** Bytes of the values that a message really contains. Its tensor may be larger, since the last value repeats. */
export function storedBytes(proto: TensorProto): number {
  const dtype = dtypeOf(proto.dtype);
  if (proto.tensorContent.length > 0 || !dtype) return proto.tensorContent.length;
  return DTYPES[dtype].values(proto).length * DTYPES[dtype].bytes;
}

/**
 * Reads a tensor from a message.
 *
 * @throws UserError `graph` on an unsupported element type, an absurd shape, or values that do not fit the shape
 */
export function tensorFromProto(proto: TensorProto): Tensor {
  const dtype = dtypeOf(proto.dtype);
  if (!dtype)
    throw new UserError('graph', `a tensor has element type ${DataType[proto.dtype] ?? proto.dtype}`);
  const shape = shapeFromProto(proto);
  if (proto.tensorContent.length > 0) return tensorFromBytes(dtype, shape, proto.tensorContent);
  return { dtype, shape, data: expandValues(dtype, shape, DTYPES[dtype].values(proto)) } as Tensor;
}

/** Reads a shape from a message. @throws UserError `graph` on too many axes, negative extents or too many elements */
export function shapeFromProto({ tensorShape }: TensorProto): number[] {
  const axes = tensorShape?.dim.length ?? 0;
  if (axes > MAX_AXES)
    throw new UserError('graph', `a tensor has ${axes} axes, expected at most ${MAX_AXES}`);
  const shape = tensorShape?.dim.map(({ size }) => Number(size)) ?? [];
  if (shape.every((extent) => extent >= 0) && Number.isSafeInteger(elementCount(shape))) return shape;
  throw new UserError('graph', `a tensor has shape [${shape}], expected extents of 0 or more`);
}

function expandValues(
  dtype: Dtype,
  shape: readonly number[],
  values: readonly (number | bigint | boolean)[],
) {
  const count = elementCount(shape);
  if (values.length > count)
    throw new UserError('graph', `a ${dtype} tensor of ${count} elements lists ${values.length} values`);
  if (values.length < count && count > MAX_REPEATED)
    throw new UserError(
      'graph',
      `a ${dtype} tensor of shape [${shape}] lists ${values.length} values, expected all of them in a tensor so large`,
    );
  const info = DTYPES[dtype];
  const data = info.view(new ArrayBuffer(count * info.bytes));
  const zero = dtype === 'int64' ? 0n : 0;
  const last = values.at(-1) ?? zero;
  if (!Object.is(last, zero)) (data as Float32Array).fill(element(last), values.length);
  values.forEach((value, index) => {
    data[index] = element(value);
  });
  return data;
}

function element(value: number | bigint | boolean): number {
  // The cast is for int64: at run time its array takes bigints, but the union of all arrays has no common type of values.
  return (typeof value === 'boolean' ? Number(value) : value) as number;
}
