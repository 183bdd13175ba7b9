import { UserError } from '../../errors.ts';
import { tensorAttribute } from '../../runtime/attributes.ts';
import { nodeError } from '../../runtime/node-error.ts';
import { decodeHalves } from '../../wire/half.ts';
import type { NodeDef } from '../../wire/protos.ts';
import { type Tensor, tensorBytes, tensorFromProto } from '../../wire/tensor.ts';
import type { ValueType } from '../weight-format.ts';
import { storedValues, type WeightConstant } from '../weights/index.ts';
import { affineUint8 } from './affine-uint8.ts';
import type { StoredTensor } from './manifest.ts';

/**
 * A constant's value in one of the three element types that TensorFlow.js has.
 *
 * @throws UserError `graph` on text, or on integers beyond 32 bits
 */
export function storeConstant(node: NodeDef): StoredTensor {
  const { shape, dtype, data } = tensorFromProto(tensorAttribute(node));
  const stored = (type: StoredTensor['entry']['dtype'], bytes: ArrayBufferView) => ({
    entry: { name: node.name, shape, dtype: type },
    bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  });
  switch (dtype) {
    case 'float32':
      return stored('float32', data);
    case 'float64':
      return stored('float32', Float32Array.from(data));
    case 'float16':
      return stored('float32', decodeHalves(data));
    case 'bool':
      return stored('bool', data);
    default:
      return stored('int32', int32Values(node, data));
  }
}

/** Weights stored as a type, of which `int8` is TensorFlow.js' own uint8. @throws UserError `argument` on one it cannot hold */
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
          'store it as float32',
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
