import { countNonzero, countNotFinite, numeric } from '../formats/numeric-tensor.ts';
import { DataType, type NodeDef } from '../wire/protos.ts';
import { type Tensor, tensorBytes } from '../wire/tensor.ts';
import type { ModelTensor } from './model.ts';

export function describeTensor(name: string, tensor: Tensor): ModelTensor {
  const { dtype, shape } = tensor;
  const { values } = numeric(tensor);
  const notFinite = countNotFinite(values);
  return {
    name,
    dtype,
    shape,
    bytes: tensorBytes(tensor).length,
    nonzero: countNonzero(values),
    ...(notFinite > 0 && { notFinite }),
    ...(shape.length === 0 && { value: values[0] }),
  };
}

/** Describes a constant. @param value undefined if it is not read, such as strings; then type and shape come from the node */
export function describeConstant(
  { name, attr }: NodeDef,
  value: Tensor | undefined,
): ModelTensor | undefined {
  if (value) return describeTensor(name, value);
  const declared = attr.value?.value;
  if (declared?.case !== 'tensor') return undefined;
  const { dtype, tensorShape, tensorContent, stringVal } = declared.value;
  return {
    name,
    dtype: typeName(dtype),
    shape: tensorShape?.dim.map(({ size }) => Number(size)) ?? [],
    bytes: [tensorContent, ...stringVal].reduce((sum, { length }) => sum + length, 0),
    nonzero: undefined,
  };
}

/** `string` for DT_STRING. */
function typeName(dtype: DataType): string {
  return DataType[dtype]?.replace('DT_', '').toLowerCase() ?? `type ${dtype}`;
}
