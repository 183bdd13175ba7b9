import type { onnx } from '../wire/protos.ts';
import { onnxInteger, onnxIntegers, onnxText } from './onnx-attributes.ts';

/** An extent that is not known, such as the number of images, is undefined. */
export type OnnxShape = readonly (number | undefined)[];

const SHAPED_LIKE_INPUT =
  /^(Relu|LeakyRelu|PRelu|Elu|Selu|Sigmoid|HardSigmoid|HardSwish|Tanh|Softplus|Softmax|LogSoftmax|Gelu|Clip|LRN|BatchNormalization|InstanceNormalization|LayerNormalization|Dropout|Identity|Cast|QuantizeLinear|DequantizeLinear|Exp|Log|Sqrt|Neg|Abs|Erf)$/;

/** The shape that a model declares. */
export function declaredOnnxShape({ type }: onnx.ValueInfoProto): OnnxShape | undefined {
  if (type?.value.case !== 'tensorType') return undefined;
  return type.value.value.shape?.dim.map(({ value }) =>
    value.case === 'dimValue' && value.value > 0 ? Number(value.value) : undefined,
  );
}

/** The shape of a node's first output, as far as it can be told from those of its inputs. */
export function onnxOutputShape(
  node: onnx.NodeProto,
  inputs: readonly (OnnxShape | undefined)[],
): OnnxShape | undefined {
  const [a, b] = inputs;
  const op = node.opType;
  if (!a) return undefined;
  if (SHAPED_LIKE_INPUT.test(op)) return a;
  if (op === 'Conv') return b && windowed(node, a, b.slice(2), b[0]);
  if (op === 'MaxPool' || op === 'AveragePool')
    return windowed(node, a, onnxIntegers(node, 'kernel_shape'), a[1]);
  if (/^Global(Max|Average)Pool$/.test(op)) return [a[0], a[1], ...a.slice(2).map(() => 1)];
  if (/^(Add|Sub|Mul|Div|Max|Min)$/.test(op)) return b ? broadcasted(a, b) : a;
  if (op === 'Transpose') {
    const axes = onnxIntegers(node, 'perm');
    return axes.length > 0 ? axes.map((axis) => a[axis]) : a.toReversed();
  }
  return op === 'Concat' ? joined(onnxInteger(node, 'axis', 1), inputs) : undefined;
}

/** Of a window that slides over the axes behind images and channels. */
function windowed(
  node: onnx.NodeProto,
  input: OnnxShape,
  window: OnnxShape,
  channels: number | undefined,
): OnnxShape {
  const strides = onnxIntegers(node, 'strides');
  const dilations = onnxIntegers(node, 'dilations');
  const pads = onnxIntegers(node, 'pads');
  const same = onnxText(node, 'auto_pad').startsWith('SAME');
  const round = onnxInteger(node, 'ceil_mode', 0) === 1 ? Math.ceil : Math.floor;
  const extents = input.slice(2).map((extent, axis) => {
    const [size, stride] = [window[axis], strides[axis] ?? 1];
    if (extent === undefined || size === undefined) return undefined;
    if (same) return Math.ceil(extent / stride);
    const padded = extent + (pads[axis] ?? 0) + (pads[axis + window.length] ?? 0);
    return round((padded - (dilations[axis] ?? 1) * (size - 1) - 1) / stride) + 1;
  });
  return [input[0], channels, ...extents];
}

function broadcasted(a: OnnxShape, b: OnnxShape): OnnxShape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [one, other] = [a, b].map((shape) => {
      const at = axis - rank + shape.length;
      return at < 0 ? 1 : shape[at];
    });
    return one === 1 ? other : one;
  });
}

function joined(axis: number, inputs: readonly (OnnxShape | undefined)[]): OnnxShape | undefined {
  const [first] = inputs;
  const along = axis < 0 ? axis + (first?.length ?? 0) : axis;
  let sum: number | undefined = 0;
  for (const shape of inputs) {
    const extent = shape?.[along];
    sum = sum === undefined || extent === undefined ? undefined : sum + extent;
  }
  return first?.with(along, sum);
}
