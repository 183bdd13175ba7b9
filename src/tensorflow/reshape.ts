import type { Computation } from '../engine/graph-plan.ts';
import type { NodeDef } from '../wire/protos.ts';
import { nodeError } from './node-error.ts';
import { describeShape, elementsOf, isOpen, OPEN, type Shape } from './shapes.ts';

const INFERRED = -1;

/**
 * Plans a reshape.
 *
 * @param target the new shape; at most one extent is -1 and follows from the others
 * @throws UserError `graph` if the number of elements differs, or if the result would mix the images of an open batch
 */
export function reshapeComputation(
  node: NodeDef,
  input: Shape,
  target: readonly number[],
): { compute: Computation; shape: Shape } {
  const shape = isOpen(input) ? reshapeImages(node, input, target) : reshapedShape(node, input, target);
  return { compute: { op: 'Reshape', shape: target }, shape };
}

function reshapeImages(node: NodeDef, input: Shape, target: readonly number[]): Shape {
  const [batch, ...image] = target;
  const fits = image.every((extent) => extent > 0) && elementsOf(image) === elementsOf(input);
  if (batch === INFERRED && fits) return [OPEN, ...image];
  throw nodeError(
    node,
    `turns ${describeShape(input)} into [${target}], expected -1 and then extents of ${elementsOf(input)} values`,
    'Give a graph that takes any number of images, or declares how many.',
  );
}

/**
 * The shape of a reshaped tensor.
 *
 * @param target the new shape; at most one extent is -1 and follows from the others
 * @throws UserError `graph` if the number of elements differs
 */
export function reshapedShape(node: NodeDef, input: Shape, target: readonly number[]): Shape {
  const elements = elementsOf(input);
  const known = target.filter((extent) => extent !== INFERRED);
  const product = known.reduce((total, extent) => total * extent, 1);
  const inferred = target.length - known.length;
  const rest = inferred === 0 ? 1 : elements / product;
  if (
    known.every((extent) => extent >= 0) &&
    inferred <= 1 &&
    Number.isInteger(rest) &&
    product * rest === elements
  )
    return target.map((extent) => (extent === INFERRED ? rest : extent));
  throw nodeError(node, `turns ${describeShape(input)} into [${target}]`);
}
