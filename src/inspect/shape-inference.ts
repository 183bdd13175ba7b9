import { declaredShape } from '../tensorflow/attributes.ts';
import type { NodeDef } from '../wire/protos.ts';
import type { Call } from './shapes/call.ts';
import { fromDeclared, merged, type PartialShape, sound } from './shapes/partial-shape.ts';
import { outputShapes } from './shapes/rules.ts';

/**
 * The shapes of a node's outputs for one image: inferred from its inputs, or else as the graph states them. An open first extent
 * is the number of images and becomes 1.
 *
 * @throws UserError `graph` if an attribute is damaged
 */
export function inferredShapes(call: Call): readonly (PartialShape | undefined)[] {
  const { node } = call;
  if (node.op.startsWith('Placeholder')) return [oneImage(declaredShape(node)) ?? notedShapes(node)[0]];
  const found = outputShapes(call);
  const noted = notedShapes(node);
  return Array.from({ length: Math.max(found.length, noted.length) }, (_, output) =>
    merged(found[output], noted[output]),
  );
}

/** Shapes in attributes: TensorFlow writes them when it exports a graph with shapes, and nodes that give batches declare them. */
function notedShapes({ attr }: NodeDef): (PartialShape | undefined)[] {
  const noted = (attr._output_shapes ?? attr.output_shapes)?.value;
  const shapes = noted?.case === 'list' ? noted.value.shape : [];
  return shapes.map((shape) =>
    shape.unknownRank ? undefined : oneImage(shape.dim.map(({ size }) => Number(size))),
  );
}

function oneImage(shape: readonly number[] | undefined): PartialShape | undefined {
  const known = sound(shape && fromDeclared(shape));
  return known && known.length > 1 && known[0] === undefined ? known.with(0, 1) : known;
}
