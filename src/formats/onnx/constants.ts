import type { onnx } from '../../wire/protos.ts';
import { elementCount, zeroTensor } from '../../wire/tensor.ts';
import { type NumericTensor, numeric, transposedNumbers } from '../numeric-tensor.ts';
import { onnxInteger, onnxIntegers, onnxTensorAttribute } from './attributes.ts';
import { isReadable, onnxTensor } from './tensors.ts';

/** Computes a node on constant inputs, if its operation is one that decodes or transposes weights; else undefined. */
export function onnxConstant(
  node: onnx.NodeProto,
  inputs: readonly NumericTensor[],
): NumericTensor | undefined {
  const [first, ...others] = inputs;
  switch (node.opType) {
    case 'Constant': {
      const value = onnxTensorAttribute(node, 'value');
      const tensor = value && onnxTensor(value);
      return tensor && numeric(tensor);
    }
    case 'ConstantOfShape':
      return first && filled(node, Array.from(first.values));
    case 'Identity':
      return first;
    case 'Cast':
      // Casts decode halves, which have been read as numbers already.
      return first && { ...first, dtype: 'float32', values: Float32Array.from(first.values) };
    case 'DequantizeLinear':
      return first && dequantized(node, first, others);
    case 'Transpose':
      return first && transposedNumbers(first, permutation(node, first));
    default:
      return undefined;
  }
}

/** Operations that give all values of their input, possibly in another order. */
export const ONNX_ARRANGING: ReadonlySet<string> = new Set(['Identity', 'Transpose']);

/** A tensor filled with the node's value, by default a float32 of 0. */
function filled(node: onnx.NodeProto, shape: readonly number[]): NumericTensor | undefined {
  if (!isReadable(shape)) return undefined;
  const proto = onnxTensorAttribute(node, 'value');
  const value = proto && onnxTensor(proto);
  if (proto && value?.data.length !== 1) return undefined;
  const { dtype, values } = numeric(
    value ? { ...zeroTensor(value.dtype, shape) } : zeroTensor('float32', shape),
  );
  return { dtype, shape, values: value ? values.fill(Number(numeric(value).values[0])) : values };
}

/** (value - zero point) * scale, with one scale and zero point for all values or one for each index along an axis. */
function dequantized(
  node: onnx.NodeProto,
  { shape, values }: NumericTensor,
  [scale, zeroPoint]: readonly NumericTensor[],
): NumericTensor | undefined {
  if (!scale) return undefined;
  const given = onnxInteger(node, 'axis', 1);
  const axis = given < 0 ? given + shape.length : given;
  const inner = elementCount(shape.slice(axis + 1));
  const count = scale.values.length;
  if (count !== 1 && count !== shape[axis]) return undefined;
  const result = new Float32Array(values.length);
  for (let index = 0; index < result.length; index++) {
    const channel = Math.floor(index / inner) % count;
    result[index] = (values[index]! - (zeroPoint?.values[channel] ?? 0)) * scale.values[channel]!;
  }
  return { dtype: 'float32', shape, values: result };
}

/** The permutation of a Transpose; by default all axes in reverse order. */
function permutation(node: onnx.NodeProto, { shape }: NumericTensor): readonly number[] {
  const given = onnxIntegers(node, 'perm');
  return given.length > 0 ? given : [...shape.keys()].reverse();
}
