import { UserError } from '../errors.ts';
import { printable, printableList } from '../printable.ts';
import { declaredShape, expectFloat32 } from '../tensorflow/attributes.ts';
import { nodeError } from '../tensorflow/node-error.ts';
import { OPEN, type Shape } from '../tensorflow/shapes.ts';
import type { NodeDef } from '../wire/protos.ts';

/**
 * The node that feeds the images: the only `Placeholder` or, if there is none, the only `PlaceholderWithDefault`.
 *
 * @param nodes the nodes that `output` depends on
 *
 * @throws UserError `graph` if there is none or several
 */
export function imagePlaceholder(nodes: readonly NodeDef[], output: string): NodeDef {
  const required = nodes.filter(({ op }) => op === 'Placeholder');
  const placeholders =
    required.length > 0 ? required : nodes.filter(({ op }) => op === 'PlaceholderWithDefault');
  if (placeholders.length === 1) return placeholders[0]!;
  const names = printableList(placeholders.map(({ name }) => name));
  const found = placeholders.length === 0 ? 'no placeholder' : `the placeholders ${names}`;
  throw new UserError(
    'graph',
    `${printable(output)} depends on ${found}, expected exactly one`,
    'Strip it again, cut by --input_node_names at the node that gives the images.',
  );
}

/** The shape [batch, ...extents of an image]. @throws UserError `graph` if the placeholder is not float32 or an extent is unknown */
export function placeholderShape(node: NodeDef): Shape {
  expectFloat32(node, 'dtype');
  const shape = declaredShape(node);
  if (!shape) throw nodeError(node, 'has no shape, expected [batch, ...extents of an image]', HINT);
  const [batch = 0, ...extents] = shape;
  if (extents.length > 0 && extents.every((extent) => extent > 0) && (batch === OPEN || batch > 0))
    return shape;
  throw nodeError(node, `has shape [${shape}], expected [batch, ...extents of an image]`, HINT);
}

const HINT = 'Strip it again, cut by --input_node_names at a node that says the extents of an image.';
