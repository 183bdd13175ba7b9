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

/** How the shape of a result follows from inputs and attributes, by TensorFlow's operation; a new one is one more entry. */
const RULES: ReadonlyMap<string, Rule> = new Map(
  [ELEMENT_WISE, CONVOLUTIONS, PRODUCTS, ARRANGE, TAKE, REDUCE, LISTS].flatMap((rules) =>
    Object.entries(rules),
  ),
);
/** What an operation may do that gives the shape that it reads; what may be fed declares a shape of its own. */
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
 * @throws UserError `graph` where an attribute is damaged
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
