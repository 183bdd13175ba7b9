import { onnx } from '../../wire/protos.ts';
import {
  type Dtype,
  elementCount,
  type Tensor,
  type TensorOf,
  tensorFromBytes,
  zeroTensor,
} from '../../wire/tensor.ts';

const Type = onnx.TensorProto_DataType;

const DTYPES: Readonly<Record<number, Dtype>> = {
  [Type.FLOAT]: 'float32',
  [Type.DOUBLE]: 'float64',
  [Type.FLOAT16]: 'float16',
  [Type.INT8]: 'int8',
  [Type.UINT8]: 'uint8',
  [Type.INT16]: 'int16',
  [Type.INT32]: 'int32',
  [Type.INT64]: 'int64',
  [Type.BOOL]: 'bool',
};

/** The fields that hold values outside `raw_data`. Types not listed use `int32_data`; float16 stores its bits there. */
const TYPED: Partial<Record<Dtype, 'floatData' | 'doubleData' | 'int64Data'>> = {
  float32: 'floatData',
  float64: 'doubleData',
  int64: 'int64Data',
};

/** Far beyond any real weight, so that a damaged file cannot exhaust memory. */
export const MAX_ELEMENTS = 2 ** 27;

export function isExternal({ dataLocation }: onnx.TensorProto): boolean {
  return dataLocation === onnx.TensorProto_DataLocation.EXTERNAL;
}

/** The name of a type, such as `float32`; for unsupported types ONNX's own name. */
export function onnxTypeName(type: number): string {
  return DTYPES[type] ?? Type[type]?.toLowerCase() ?? `type ${type}`;
}

export const onnxShape = ({ dims }: Pick<onnx.TensorProto, 'dims'>) => dims.map(Number);

/** Whether a tensor of this shape can be read. Extents in a damaged file may be negative or absurd. */
export function isReadable(shape: readonly number[]): boolean {
  return shape.every((extent) => extent >= 0) && elementCount(shape) <= MAX_ELEMENTS;
}

/**
 * Reads a dense tensor.
 *
 * @returns undefined if the values are in another file, the type is unsupported, or values and shape do not fit
 * @throws UserError `graph` if the number of bytes in `raw_data` does not fit the shape
 */
export function onnxTensor(proto: onnx.TensorProto): Tensor | undefined {
  const dtype = DTYPES[proto.dataType];
  const shape = onnxShape(proto);
  if (!dtype || isExternal(proto) || !isReadable(shape)) return undefined;
  const values: readonly (number | bigint)[] = proto[TYPED[dtype] ?? 'int32Data'];
  if (values.length === 0) return tensorFromBytes(dtype, shape, proto.rawData);
  if (values.length !== elementCount(shape)) return undefined;
  const tensor = zeroTensor(dtype, shape);
  // The cast holds at run time: int64_data contains bigints, which a BigInt64Array takes.
  values.forEach((value, index) => {
    tensor.data[index] = value as number;
  });
  return tensor;
}

/**
 * Reads a sparse float32 tensor as a dense one. Its indices are positions in the flat tensor, or coordinates, one column per axis.
 *
 * @returns undefined if values and indices do not fit the shape or each other
 * @throws UserError `graph` as {@link onnxTensor}
 */
export function onnxSparseTensor({
  values,
  indices,
  dims,
}: onnx.SparseTensorProto): TensorOf<'float32'> | undefined {
  const [survivors, places] = [values && onnxTensor(values), indices && onnxTensor(indices)];
  const shape = dims.map(Number);
  if (survivors?.dtype !== 'float32' || places?.dtype !== 'int64') return undefined;
  const axes = places.shape.length === 2 ? places.shape[1]! : 1;
  if (!isReadable(shape) || places.data.length !== survivors.data.length * axes) return undefined;
  const dense = zeroTensor('float32', shape);
  for (const [row, value] of survivors.data.entries()) {
    let at = Number(places.data[row * axes]);
    for (let axis = 1; axis < axes; axis++) at = at * shape[axis]! + Number(places.data[row * axes + axis]);
    if (!(at >= 0 && at < dense.data.length)) return undefined;
    dense.data[at] = value;
  }
  return dense;
}
