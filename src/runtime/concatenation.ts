import type { Computation } from '../engine/graph-plan.ts';
import { integerAttribute } from '../tensorflow/attributes.ts';
import { nodeError } from '../tensorflow/node-error.ts';
import { describeShape, isOpen, type Shape } from '../tensorflow/shapes.ts';
import type { NodeDef } from '../wire/protos.ts';

const SHOWN = 3;

/**
 * Plans the concatenation of tensors along `axis`.
 *
 * @param tensors their shapes
 * @throws UserError `graph` if the shapes do not fit, or if it would join open batches
 */
export function concatenation(
  node: NodeDef,
  tensors: readonly Shape[],
  axis: number,
): { compute: Computation; shape: Shape } {
  const [first = []] = tensors;
  const fits = tensors.every(
    (shape) =>
      shape.length === first.length &&
      shape.every((extent, number) => number === axis || extent === first[number]) &&
      !(axis === 0 && isOpen(shape)),
  );
  if (!fits || integerAttribute(node, 'N', tensors.length) !== tensors.length)
    throw nodeError(
      node,
      `joins ${tensors.slice(0, SHOWN).map(describeShape).join(', ')} along axis ${axis}, expected N tensors that fit`,
    );
  const extent = tensors.reduce((sum, shape) => sum + shape[axis]!, 0);
  return { compute: { op: 'ConcatV2', axis }, shape: first.with(axis, extent) };
}
