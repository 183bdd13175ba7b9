import { create } from '@bufbuild/protobuf';
import {
  type AttrValue,
  AttrValue_ListValueSchema,
  AttrValueSchema,
  DataType,
  TensorProtoSchema,
} from '../wire/protos.ts';
import { shapeProto, type Tensor, tensorToProto } from '../wire/tensor.ts';

/** The attributes of a node by name. */
export type Attributes = Readonly<Record<string, AttrValue>>;

const attribute = (value: AttrValue['value']) => create(AttrValueSchema, { value });
const bytes = (text: string) => new TextEncoder().encode(text);

export const typeAttr = (type: DataType) => attribute({ case: 'type', value: type });
export const intAttr = (value: number) => attribute({ case: 'i', value: BigInt(value) });
export const floatAttr = (value: number) => attribute({ case: 'f', value });
export const boolAttr = (value: boolean) => attribute({ case: 'b', value });
export const stringAttr = (text: string) => attribute({ case: 's', value: bytes(text) });
/** An extent of -1 is unknown. */
export const shapeAttr = (shape: readonly number[]) => attribute({ case: 'shape', value: shapeProto(shape) });
export const tensorAttr = (tensor: Tensor) => attribute({ case: 'tensor', value: tensorToProto(tensor) });

const list = (values: Parameters<typeof create<typeof AttrValue_ListValueSchema>>[1]) =>
  attribute({ case: 'list', value: create(AttrValue_ListValueSchema, values) });

export const intListAttr = (values: readonly number[]) => list({ i: values.map(BigInt) });
export const stringListAttr = (texts: readonly string[]) => list({ s: texts.map(bytes) });
export const typeListAttr = (types: readonly DataType[]) => list({ type: [...types] });
export const shapeListAttr = (shapes: readonly (readonly number[])[]) =>
  list({ shape: shapes.map(shapeProto) });

/** A constant vector of strings. */
export const stringTensorAttr = (texts: readonly string[]) =>
  attribute({
    case: 'tensor',
    value: create(TensorProtoSchema, {
      dtype: DataType.DT_STRING,
      tensorShape: shapeProto([texts.length]),
      stringVal: texts.map(bytes),
    }),
  });

/** A constant string. */
export const stringScalarAttr = (text: string) =>
  attribute({
    case: 'tensor',
    value: create(TensorProtoSchema, {
      dtype: DataType.DT_STRING,
      tensorShape: shapeProto([]),
      stringVal: [bytes(text)],
    }),
  });
