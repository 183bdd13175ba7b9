import type { Computation, Extents } from '../engine/graph-plan.ts';
import {
  booleanAttribute,
  expectNhwc,
  extentsAttribute,
  floatAttribute,
  integerAttribute,
  paddingAttribute,
} from '../tensorflow/attributes.ts';
import { nodeError } from '../tensorflow/node-error.ts';
import { broadcast, describeShape, isOpen, type Shape, slidingExtents } from '../tensorflow/shapes.ts';
import type { NodeDef } from '../wire/protos.ts';

/** What an operation computes, and the shape of its result. */
interface Planned {
  readonly compute: Computation;
  readonly shape: Shape;
}

interface Operation {
  /** Number of inputs. */
  readonly inputs: 1 | 2;
  /**
   * Reads the node's attributes.
   *
   * @param a shape of the first input
   * @param b shape of the last input
   * @throws UserError `graph` if shapes or attributes do not fit
   */
  plan(node: NodeDef, a: Shape, b: Shape): Planned;
}

/** The operations on float32 tensors that a frozen graph may hold. To add an operation, add an entry. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  Conv2D: { inputs: 2, plan: conv2d },
  MaxPool: { inputs: 1, plan: maxPool },
  LRN: { inputs: 1, plan: lrn },
  BiasAdd: { inputs: 2, plan: biasAdd },
  Add: { inputs: 2, plan: (node, a, b) => elementWise(node, 'Add', a, b) },
  AddV2: { inputs: 2, plan: (node, a, b) => elementWise(node, 'Add', a, b) },
  Mul: { inputs: 2, plan: (node, a, b) => elementWise(node, 'Mul', a, b) },
  Relu: { inputs: 1, plan: (_, a) => ({ compute: { op: 'Relu' }, shape: a }) },
  Softmax: { inputs: 1, plan: softmax },
  MatMul: { inputs: 2, plan: matMul },
};

function conv2d(node: NodeDef, images: Shape, filter: Shape): Planned {
  expectNhwc(node);
  const [batch, height, width, channels] = ofRank(node, 4, images);
  const [rows, columns, inputs, outputs] = ofRank(node, 4, filter);
  if (isOpen(filter) || inputs !== channels)
    throw nodeError(
      node,
      `convolves ${describeShape(images)} with a filter of shape ${describeShape(filter)}`,
    );
  const strides = extentsAttribute(node, 'strides');
  const dilations = extentsAttribute(node, 'dilations', [1, 1]);
  if (Math.max(...strides) > 1 && Math.max(...dilations) > 1)
    throw nodeError(node, 'has both strides and dilations, expected one of them');
  const padding = paddingAttribute(node);
  const window: Extents = [(rows! - 1) * dilations[0] + 1, (columns! - 1) * dilations[1] + 1];
  const extents = slide(node, [height!, width!], window, strides, padding);
  return {
    compute: { op: 'Conv2D', strides, dilations, padding },
    shape: [batch!, ...extents, outputs!],
  };
}

function maxPool(node: NodeDef, images: Shape): Planned {
  expectNhwc(node);
  const [batch, height, width, channels] = ofRank(node, 4, images);
  const window = extentsAttribute(node, 'ksize');
  const strides = extentsAttribute(node, 'strides');
  const padding = paddingAttribute(node);
  const extents = slide(node, [height!, width!], window, strides, padding);
  return {
    compute: { op: 'MaxPool', window, strides, padding },
    shape: [batch!, ...extents, channels!],
  };
}

function lrn(node: NodeDef, images: Shape): Planned {
  const depthRadius = integerAttribute(node, 'depth_radius', 5);
  if (depthRadius < 0) throw nodeError(node, `has depth_radius ${depthRadius}, expected 0 or more`);
  const channels = ofRank(node, 4, images)[3]!;
  const compute = {
    op: 'LRN',
    // A larger radius would only reach beyond the channels.
    depthRadius: Math.min(depthRadius, channels - 1),
    bias: floatAttribute(node, 'bias', 1),
    alpha: floatAttribute(node, 'alpha', 1),
    beta: floatAttribute(node, 'beta', 0.5),
  } as const;
  return { compute, shape: images };
}

function biasAdd(node: NodeDef, values: Shape, biases: Shape): Planned {
  expectNhwc(node);
  if (biases.length !== 1 || isOpen(biases) || values.length < 2 || values.at(-1) !== biases[0])
    throw nodeError(node, `adds biases ${describeShape(biases)} to ${describeShape(values)}`);
  return { compute: { op: 'Add' }, shape: values };
}

function elementWise(node: NodeDef, op: 'Add' | 'Mul', a: Shape, b: Shape): Planned {
  const shape = broadcast(a, b);
  if (!shape) throw nodeError(node, `combines ${describeShape(a)} with ${describeShape(b)}`);
  return { compute: { op }, shape };
}

function softmax(node: NodeDef, logits: Shape): Planned {
  if (logits.length < 1 || (logits.length === 1 && isOpen(logits)))
    throw nodeError(node, `takes the softmax of ${describeShape(logits)}`);
  return { compute: { op: 'Softmax' }, shape: logits };
}

function matMul(node: NodeDef, a: Shape, b: Shape): Planned {
  const [transposeA, transposeB] = [
    booleanAttribute(node, 'transpose_a'),
    booleanAttribute(node, 'transpose_b'),
  ];
  const turned = (shape: Shape, transposed: boolean) =>
    transposed ? ofRank(node, 2, shape).toReversed() : ofRank(node, 2, shape);
  const [rows, inner] = turned(a, transposeA);
  const [sameInner, columns] = turned(b, transposeB);
  if (inner !== sameInner || isOpen(b) || (isOpen(a) && transposeA))
    throw nodeError(
      node,
      `multiplies ${describeShape(a)}${transposeA ? ' transposed' : ''} by ${describeShape(b)}${transposeB ? ' transposed' : ''}`,
    );
  return { compute: { op: 'MatMul', transposeA, transposeB }, shape: [rows!, columns!] };
}

function ofRank(node: NodeDef, rank: number, shape: Shape): Shape {
  if (shape.length === rank) return shape;
  throw nodeError(node, `reads shape ${describeShape(shape)}, expected ${rank} axes`);
}

function slide(
  node: NodeDef,
  input: Extents,
  window: Extents,
  strides: Extents,
  padding: 'SAME' | 'VALID',
): Extents {
  const extents = slidingExtents(input, window, strides, padding);
  if (extents) return extents;
  throw nodeError(node, `slides a window of ${window.join(' x ')} over ${input.join(' x ')} pixels`);
}
