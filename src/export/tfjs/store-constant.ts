import { UserError } from '../../errors.ts';
import { tensorAttribute } from '../../tensorflow/attributes.ts';
import { nodeError } from '../../tensorflow/node-error.ts';
import { decodeHalves } from '../../wire/half.ts';
import { DataType, type NodeDef } from '../../wire/protos.ts';
import {
  elementCount,
  shapeFromProto,
  type Tensor,
  tensorBytes,
  tensorFromProto,
} from '../../wire/tensor.ts';
import type { ValueType } from '../weight-format.ts';
import { storedValues, type WeightConstant } from '../weights/index.ts';
import { affineUint8 } from './affine-uint8.ts';
import type { StoredTensor } from './manifest.ts';

const HINT = 'Choose the format pb or saved_model: they take any type.';

/**
 * A constant's value in one of the four element types that TensorFlow.js has.
 *
 * @throws UserError `graph` on integers beyond 32 bits, on float64 tensors of at least two axes, and on types that
 *   TensorFlow.js does not have
 */
export function storeConstant(node: NodeDef): StoredTensor {
  const proto = tensorAttribute(node);
  if (proto.dtype === DataType.DT_STRING) return storeStrings(node);
  const { shape, dtype, data } = tensorOf(node);
  const stored = (type: StoredTensor['entry']['dtype'], bytes: ArrayBufferView) => ({
    entry: { name: node.name, shape, dtype: type },
    bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  });
  switch (dtype) {
    case 'float32':
      return stored('float32', data);
    case 'float64':
      if (shape.length > 1)
        throw nodeError(node, 'holds float64, but the finest type of TensorFlow.js is float32', HINT);
      return stored('float32', Float32Array.from(data));
    case 'float16':
      return stored('float32', decodeHalves(data));
    case 'bool':
      return stored('bool', data);
    default:
      return stored('int32', int32Values(node, data));
  }
}

/** The bytes of strings: each string after its length. */
function storeStrings(node: NodeDef): StoredTensor {
  const proto = tensorAttribute(node);
  const shape = shapeFromProto(proto);
  const { stringVal } = proto;
  const count = elementCount(shape);
  if (stringVal.length !== count && stringVal.length !== 1)
    throw nodeError(node, `lists ${stringVal.length} strings, expected ${count}`);
  const parts = Array.from({ length: count }, (_, index) => {
    const text = stringVal[index] ?? stringVal[0]!;
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    return Buffer.concat([length, text]);
  });
  return { entry: { name: node.name, shape, dtype: 'string' }, bytes: new Uint8Array(Buffer.concat(parts)) };
}

function tensorOf(node: NodeDef): Tensor {
  try {
    return tensorFromProto(tensorAttribute(node));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw nodeError(node, `cannot be stored for TensorFlow.js: ${error.message}`, HINT);
  }
}

/** Weights stored as a type; `int8` becomes TensorFlow.js's uint8. @throws UserError `argument` on a weight that the type cannot hold */
export function storeWeight(weight: WeightConstant, type: ValueType): StoredTensor {
  const { name, value } = weight;
  const entry = { name, shape: value.shape, dtype: 'float32' } as const;
  switch (type) {
    case 'float32':
      return { entry, bytes: tensorBytes(value) };
    case 'float16': {
      const quantization = { dtype: 'float16', original_dtype: 'float32' } as const;
      return { entry: { ...entry, quantization }, bytes: tensorBytes(storedValues(weight, type).values) };
    }
    case 'int8': {
      const odd = value.data.find((each) => !Number.isFinite(each));
      if (odd !== undefined)
        throw new UserError(
          'argument',
          `${name} holds the weight ${odd}, which uint8 cannot`,
          'Store it as float32.',
        );
      const { steps, scale, min } = affineUint8(value.data);
      const quantization = { dtype: 'uint8', scale, min, original_dtype: 'float32' } as const;
      return { entry: { ...entry, quantization }, bytes: steps };
    }
  }
}

function int32Values(node: NodeDef, data: Tensor['data']): Int32Array {
  const integers = Array.from(data, Number);
  const beyond = integers.find((value) => value !== (value | 0));
  if (beyond !== undefined)
    throw nodeError(node, `holds ${beyond}, and TensorFlow.js has no integers beyond 32 bits`);
  return Int32Array.from(integers);
}
