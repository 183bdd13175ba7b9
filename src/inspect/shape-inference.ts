import { declaredShape, expectNhwc, extentsAttribute, paddingAttribute } from '../runtime/attributes.ts';
import { OPERATIONS } from '../runtime/operations.ts';
import { reshapeComputation } from '../runtime/reshape.ts';
import { type Shape, slidingExtents } from '../runtime/shapes.ts';
import type { NodeDef } from '../wire/protos.ts';
import type { Tensor } from '../wire/tensor.ts';
import { firstOutput } from './graph-inputs.ts';

/** Operations whose result has the shape of another operation's. */
const SHAPED_LIKE: Readonly<Record<string, string>> = {
  _FusedConv2D: 'Conv2D',
  FusedConv2D: 'Conv2D',
  _FusedMatMul: 'MatMul',
  AvgPool: 'MaxPool',
  Sub: 'Add',
  RealDiv: 'Add',
  Maximum: 'Add',
  Minimum: 'Add',
};

/** Operations whose result has the shape of their first input. */
const SHAPED_LIKE_INPUT =
  /^(Identity|StopGradient|CheckNumerics|Cast|Relu6|LeakyRelu|Elu|Selu|Sigmoid|Tanh|Softplus|Rsqrt|Sqrt|Square|Exp|Log|Neg|LogSoftmax|FusedBatchNorm(V[23])?|PreventGradient|Prelu)$/;

/**
 * The shape of a node's first output, from its inputs' or else as the graph notes it; the first extent is -1 where it is
 * the number of images and may be any.
 *
 * @returns undefined where it cannot be told
 * @throws UserError `graph` where shapes or attributes do not fit
 */
export function inferredShape(
  node: NodeDef,
  inputs: readonly string[],
  constants: ReadonlyMap<string, Tensor>,
  shapes: ReadonlyMap<string, Shape>,
): Shape | undefined {
  if (node.op.startsWith('Placeholder')) return usable(declaredShape(node) ?? notedShape(node));
  const [a, b] = inputs.map((input) => firstOutput(shapes, input));
  const op = SHAPED_LIKE[node.op] ?? node.op;
  if (a && SHAPED_LIKE_INPUT.test(op)) return a;
  if (a && op === 'Reshape') {
    const target = firstOutput(constants, inputs[1]);
    if (target) return reshapeComputation(node, a, Array.from(target.data, Number)).shape;
  }
  if (a && b && op === 'DepthwiseConv2dNative') return depthwise(node, a, b);
  if (a && Object.hasOwn(OPERATIONS, op)) {
    const operation = OPERATIONS[op]!;
    if (operation.inputs === 1 || b) return operation.plan(node, a, b ?? a).shape;
  }
  return usable(notedShape(node));
}

function depthwise(node: NodeDef, images: Shape, filter: Shape): Shape | undefined {
  expectNhwc(node);
  const [batch, height, width, channels] = images;
  const [rows, columns, , multiplier] = filter;
  const extents = slidingExtents(
    [height!, width!],
    [rows!, columns!],
    extentsAttribute(node, 'strides'),
    paddingAttribute(node),
  );
  return extents && [batch!, ...extents, channels! * multiplier!];
}

/** What TensorFlow notes where it exports a graph with shapes. */
function notedShape({ attr }: NodeDef): number[] | undefined {
  const noted = attr._output_shapes?.value;
  const shape = noted?.case === 'list' ? noted.value.shape[0] : undefined;
  return shape && !shape.unknownRank ? shape.dim.map(({ size }) => Number(size)) : undefined;
}

/** Only the number of images may be open. */
function usable(shape: readonly number[] | undefined): Shape | undefined {
  const [batch = 1, ...extents] = shape ?? [-2];
  return batch >= -1 && batch !== 0 && extents.every((extent) => extent > 0) ? shape : undefined;
}
