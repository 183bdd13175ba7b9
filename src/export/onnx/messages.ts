import { create } from '@bufbuild/protobuf';
import { onnx } from '../../wire/protos.ts';
import { type Tensor, tensorBytes } from '../../wire/tensor.ts';

const AttributeType = onnx.AttributeProto_AttributeType;
const { FLOAT16, INT8, INT64 } = onnx.TensorProto_DataType;
export const { FLOAT } = onnx.TensorProto_DataType;

/** The element types that models are written with. */
export const ELEMENT_TYPES = { float32: FLOAT, float16: FLOAT16, int8: INT8, int64: INT64 } as const;

/** @returns undefined for an element type that models are not written with */
export function dtypeOf(elementType: number): keyof typeof ELEMENT_TYPES | undefined {
  const dtypes = Object.keys(ELEMENT_TYPES) as (keyof typeof ELEMENT_TYPES)[];
  return dtypes.find((dtype) => ELEMENT_TYPES[dtype] === elementType);
}

export type StoredTensor = Extract<Tensor, { dtype: keyof typeof ELEMENT_TYPES }>;

/** Attributes of a node: a whole number, text, or a list of whole numbers; `{ float }` for a float. */
export type OnnxAttributes = Readonly<
  Record<string, number | string | readonly number[] | { readonly float: number }>
>;

/** A node with one output, after which it is named. */
export function onnxNode(
  opType: string,
  input: readonly string[],
  output: string,
  attributes: OnnxAttributes,
): onnx.NodeProto {
  return create(onnx.NodeProtoSchema, {
    opType,
    name: output,
    input: [...input],
    output: [output],
    attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
  });
}

function attribute(name: string, value: OnnxAttributes[string]): onnx.AttributeProto {
  return create(onnx.AttributeProtoSchema, { name, ...typedValue(value) });
}

function typedValue(value: OnnxAttributes[string]) {
  if (typeof value === 'number') return { type: AttributeType.INT, i: BigInt(value) };
  if (typeof value === 'string') return { type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if ('float' in value) return { type: AttributeType.FLOAT, f: value.float };
  return { type: AttributeType.INTS, ints: value.map(BigInt) };
}

export function onnxTensor(name: string, tensor: StoredTensor): onnx.TensorProto {
  return create(onnx.TensorProtoSchema, {
    name,
    dims: tensor.shape.map(BigInt),
    dataType: ELEMENT_TYPES[tensor.dtype],
    rawData: tensorBytes(tensor),
  });
}

/** A float32 input or output of a graph; an extent of -1 is called `batch`. */
export function onnxValue(name: string, shape: readonly number[]): onnx.ValueInfoProto {
  const dim = shape.map((extent) => ({
    value:
      extent < 0
        ? ({ case: 'dimParam', value: 'batch' } as const)
        : ({ case: 'dimValue', value: BigInt(extent) } as const),
  }));
  return create(onnx.ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: FLOAT, shape: { dim } } } },
  });
}
