import { hasOnnxAttribute, onnxInteger, onnxIntegers, onnxText } from '../formats/onnx/attributes.ts';
import type { onnx } from '../wire/protos.ts';
import {
  argument,
  blocks,
  constantOfShape,
  flatten,
  type OnnxOutputsRule,
  type OnnxRule,
  pad,
  reduction,
  reshape,
  slice,
  split,
} from './onnx-arrangements.ts';
import { integersIn, listOf, type OnnxCall } from './onnx-call.ts';
import { onnxUpsampled, onnxWindowed } from './onnx-windows.ts';
import { gathered, joined, permuted, squeezed, tiled, unsqueezed } from './shapes/arrangements.ts';
import { allBroadcasted, broadcasted, type PartialShape, sound } from './shapes/partial-shape.ts';
import { einsumExtents } from './shapes/products.ts';

type Outputs = readonly (PartialShape | undefined)[];

/** The shape that a model declares. */
export function declaredOnnxShape({ type }: onnx.ValueInfoProto): PartialShape | undefined {
  if (type?.value.case !== 'tensorType') return undefined;
  return sound(
    type.value.value.shape?.dim.map(({ value }) =>
      value.case === 'dimValue' && value.value > 0 ? Number(value.value) : undefined,
    ),
  );
}

const same: OnnxRule = ({ inputs: [a] }) => a;
const broadcast: OnnxRule = ({ inputs }) => allBroadcasted(inputs);

const UNARY = [
  ...[
    'Relu',
    'LeakyRelu',
    'PRelu',
    'Elu',
    'Selu',
    'Celu',
    'ThresholdedRelu',
    'Sigmoid',
    'HardSigmoid',
    'HardSwish',
  ],
  ...[
    'Mish',
    'Swish',
    'Tanh',
    'Softplus',
    'Softsign',
    'Softmax',
    'LogSoftmax',
    'Gelu',
    'Clip',
    'LRN',
    'Erf',
    'Not',
  ],
  ...[
    'BatchNormalization',
    'InstanceNormalization',
    'LayerNormalization',
    'GroupNormalization',
    'RMSNormalization',
  ],
  ...[
    'SimplifiedLayerNormalization',
    'LpNormalization',
    'MeanVarianceNormalization',
    'Dropout',
    'Identity',
    'Cast',
  ],
  ...[
    'CastLike',
    'QuantizeLinear',
    'DequantizeLinear',
    'DynamicQuantizeLinear',
    'Exp',
    'Log',
    'Sqrt',
    'Reciprocal',
  ],
  ...['Neg', 'Abs', 'Sign', 'Floor', 'Ceil', 'Round', 'Sin', 'Cos', 'CumSum', 'Trilu', 'IsNaN', 'IsInf'],
];
const BROADCASTING = [
  ...[
    'Add',
    'Sub',
    'Mul',
    'Div',
    'Pow',
    'Mod',
    'Max',
    'Min',
    'Sum',
    'Mean',
    'And',
    'Or',
    'Xor',
    'Equal',
    'Less',
  ],
  ...['LessOrEqual', 'Greater', 'GreaterOrEqual', 'Where', 'BitShift'],
];
const REDUCTIONS = ['Mean', 'Sum', 'Max', 'Min', 'Prod', 'L1', 'L2', 'SumSquare', 'LogSum', 'LogSumExp'];

const gemm: OnnxRule = ({ node, inputs: [a, b] }) => {
  if (a?.length !== 2 || b?.length !== 2) return undefined;
  return [a[onnxInteger(node, 'transA', 0)], b[1 - onnxInteger(node, 'transB', 0)]];
};

/** A vector counts as a matrix of one row or one column; the result does not have that axis. */
function matrixProduct(a: PartialShape | undefined, b: PartialShape | undefined): PartialShape | undefined {
  if (!a || !b || a.length === 0 || b.length === 0) return undefined;
  const [left, right] = [a.length === 1 ? [1, ...a] : a, b.length === 1 ? [...b, 1] : b];
  const outer = broadcasted(left.slice(0, -2), right.slice(0, -2));
  if (!outer) return undefined;
  return [...outer, ...(a.length === 1 ? [] : [left.at(-2)]), ...(b.length === 1 ? [] : [right.at(-1)])];
}

/** The states at all time steps, the last state and, of an LSTM, the last cell state. With `layout` 1 the batch comes first. */
const recurrent: OnnxOutputsRule = ({ node, inputs: [x] }) => {
  const hidden = hasOnnxAttribute(node, 'hidden_size') ? onnxInteger(node, 'hidden_size', 0) : undefined;
  const directions = onnxText(node, 'direction') === 'bidirectional' ? 2 : 1;
  const [time, batch] = [x?.[0], x?.[1]];
  if (onnxInteger(node, 'layout', 0) === 1) {
    const last = [time, directions, hidden];
    return [[time, batch, directions, hidden], last, last];
  }
  const last = [directions, batch, hidden];
  return [[time, directions, batch, hidden], last, last];
};

const einsum: OnnxRule = ({ node, inputs }) => {
  const found = einsumExtents(onnxText(node, 'equation'), inputs);
  return found && [...found.output].map((label) => found.extents.get(label));
};

const RULES: ReadonlyMap<string, OnnxRule> = new Map<string, OnnxRule>([
  ...UNARY.map((op) => [op, same] as const),
  ...BROADCASTING.map((op) => [op, broadcast] as const),
  ...REDUCTIONS.map((op) => [`Reduce${op}`, reduction] as const),
  ...Object.entries({
    Gemm: gemm,
    FusedGemm: gemm,
    MatMul: ({ inputs: [a, b] }: OnnxCall) => matrixProduct(a, b),
    MatMulInteger: ({ inputs: [a, b] }: OnnxCall) => matrixProduct(a, b),
    QLinearMatMul: ({ inputs }: OnnxCall) => matrixProduct(inputs[0], inputs[3]),
    Einsum: einsum,
    Transpose: ({ node, inputs: [a] }: OnnxCall) => {
      const axes = onnxIntegers(node, 'perm');
      return a && (axes.length > 0 ? permuted(a, axes) : a.toReversed());
    },
    Concat: ({ node, inputs }: OnnxCall) => joined(onnxInteger(node, 'axis', 1), inputs),
    Reshape: reshape,
    Flatten: flatten,
    Squeeze: (call: OnnxCall) => {
      const axes = listOf(call, 'axes', 1, []);
      return call.inputs[0] && axes && squeezed(call.inputs[0], axes);
    },
    Unsqueeze: (call: OnnxCall) => {
      const axes = listOf(call, 'axes', 1);
      return call.inputs[0] && axes && unsqueezed(call.inputs[0], axes);
    },
    Slice: slice,
    Pad: pad,
    Gather: ({ node, inputs: [a, indices] }: OnnxCall) =>
      a && indices && gathered(a, indices, onnxInteger(node, 'axis', 0)),
    Tile: (call: OnnxCall) => {
      const repeats = integersIn(call, 1);
      return call.inputs[0] && repeats && tiled(call.inputs[0], repeats);
    },
    Expand: (call: OnnxCall) => {
      const target = integersIn(call, 1);
      return call.inputs[0] && target && broadcasted(call.inputs[0], target);
    },
    ConstantOfShape: constantOfShape,
    Shape: ({ inputs: [a] }: OnnxCall) => a && [a.length],
    ArgMax: argument,
    ArgMin: argument,
    DepthToSpace: blocks(true),
    SpaceToDepth: blocks(false),
    GlobalMaxPool: ({ inputs: [a] }: OnnxCall) => a && [...a.slice(0, 2), ...a.slice(2).map(() => 1)],
    GlobalAveragePool: ({ inputs: [a] }: OnnxCall) => a && [...a.slice(0, 2), ...a.slice(2).map(() => 1)],
    Resize: onnxUpsampled,
    Upsample: onnxUpsampled,
  }),
]);

const SEVERAL: ReadonlyMap<string, OnnxOutputsRule> = new Map(
  Object.entries({ Split: split, LSTM: recurrent, GRU: recurrent, RNN: recurrent }),
);

/** The shapes of a node's outputs, as far as they follow from its inputs. */
export function onnxOutputShapes(call: OnnxCall): Outputs {
  const several = SEVERAL.get(call.node.opType);
  const outputs = several ? several(call) : [RULES.get(call.node.opType)?.(call) ?? onnxWindowed(call)];
  return outputs.map(sound);
}
