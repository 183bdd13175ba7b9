import { type Effect, passedPlaces } from '../../tensorflow/passing.ts';
import { ARRANGE, SEVERAL_OUTPUTS } from './arrange.ts';
import type { Call, Rule } from './call.ts';
import { CONVOLUTIONS } from './convolution.ts';
import { ELEMENT_WISE } from './element-wise.ts';
import { LISTS } from './lists.ts';
import { type PartialShape, sound } from './partial-shape.ts';
import { PRODUCTS } from './products.ts';
import { REDUCE } from './reduce.ts';
import { TAKE } from './take.ts';

/** The rule for the result's shape of each TensorFlow operation; a new operation is one more entry. */
const RULES: ReadonlyMap<string, Rule> = new Map(
  [ELEMENT_WISE, CONVOLUTIONS, PRODUCTS, ARRANGE, TAKE, REDUCE, LISTS].flatMap((rules) =>
    Object.entries(rules),
  ),
);
/** The effects of operations whose result has the shape of the first input. Inputs that may be fed declare a shape of their own. */
const OF_SHAPES: readonly Effect[] = [
  'asserts',
  'branches',
  'dereferences',
  'enters',
  'iterates',
  'lists',
  'refers',
];
const SEVERAL = new Map(Object.entries(SEVERAL_OUTPUTS));

/**
 * The shapes of a node's outputs, as far as they follow from its inputs.
 *
 * @throws UserError `graph` if an attribute is damaged
 */
export function outputShapes(call: Call): readonly (PartialShape | undefined)[] {
  const { node, inputs } = call;
  const places = passedPlaces(node.op, inputs.length, OF_SHAPES);
  const several = SEVERAL.get(node.op);
  const outputs = places
    ? places.map((place) => inputs[place])
    : several
      ? several(call)
      : [RULES.get(node.op)?.(call)];
  return outputs.map(sound);
}
