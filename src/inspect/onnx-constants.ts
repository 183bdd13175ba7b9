import type { onnx } from '../wire/protos.ts';
import { elementCount } from '../wire/tensor.ts';
import type { NumericTensor } from './numeric-tensor.ts';
import { numeric } from './numeric-tensor.ts';
import { onnxInteger, onnxIntegers, onnxTensorAttribute } from './onnx-attributes.ts';
import { onnxTensor } from './onnx-tensors.ts';

/** A tensor that a model holds or decodes. */
export interface OnnxConstant {
  readonly value: NumericTensor;
  /** Of all that it is computed from. */
  readonly bytes: number;
}

/** What a node makes of constants, if it is one of those that decode or turn weights. */
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
    case 'Identity':
      return first;
    case 'Cast':
      // To decode half floats, which are read as numbers already.
      return first && { ...first, dtype: 'float32', values: Float32Array.from(first.values) };
    case 'DequantizeLinear':
      return first && dequantized(node, first, others);
    case 'Transpose':
      return first && turned(first, onnxIntegers(node, 'perm'));
    default:
      return undefined;
  }
}

/** (value - zero point) * scale, which there is one of or one for each place along an axis. */
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

/** @param axes for each axis of the result that of the tensor; by default all in reverse */
export function turned(tensor: NumericTensor, axes: readonly number[]): NumericTensor {
  const { dtype, shape } = tensor;
  const order = axes.length > 0 ? axes : [...shape.keys()].reverse();
  const extents = order.map((axis) => shape[axis]!);
  const steps = order.map((axis) => elementCount(shape.slice(axis + 1)));
  const values = tensor.values.slice();
  const position = new Array<number>(order.length).fill(0);
  let from = 0;
  for (let to = 0; to < values.length; to++) {
    values[to] = tensor.values[from]!;
    for (let axis = order.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++position[axis]! < extents[axis]!) break;
      position[axis] = 0;
      from -= steps[axis]! * extents[axis]!;
    }
  }
  return { dtype, shape: extents, values };
}
