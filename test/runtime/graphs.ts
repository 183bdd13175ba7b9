import { toBinary } from '@bufbuild/protobuf';
import {
  type Attributes,
  constant,
  graphDef,
  intListAttr,
  node,
  placeholder,
  stringAttr,
  typeAttr,
} from '../../src/graph/index.ts';
import { DataType, GraphDefSchema, type NodeDef } from '../../src/wire/protos.ts';
import { float32Tensor } from '../../src/wire/tensor.ts';

export const T = { T: typeAttr(DataType.DT_FLOAT) };

export const image = (...shape: number[]) => placeholder('images', DataType.DT_FLOAT, shape);
export const floats = (name: string, shape: readonly number[], values: ArrayLike<number>) =>
  constant(name, float32Tensor(shape, Float32Array.from(values)));
export const integers = (name: string, ...values: number[]) =>
  constant(name, { dtype: 'int32', shape: [values.length], data: Int32Array.from(values) });
/** An operation with float32 operands. */
export const op = (name: string, kind: string, inputs: readonly string[], attributes: Attributes = {}) =>
  node(name, kind, inputs, { ...T, ...attributes });

/** Attributes of what slides over NHWC images. */
export const sliding = (padding: string, stride: number, window?: number) => ({
  padding: stringAttr(padding),
  strides: intListAttr([1, stride, stride, 1]),
  ...(window && { ksize: intListAttr([1, window, window, 1]) }),
});

export const bytesOf = (nodes: readonly NodeDef[]) => toBinary(GraphDefSchema, graphDef(nodes));
