import { closest } from 'fastest-levenshtein';
import { UserError } from '../errors.ts';
import type { PartialShape } from './shapes/partial-shape.ts';

/** Shapes of inputs that the file leaves open, each with the input's name; without a name it is that of the only input. */
export type InputShapes = readonly { readonly name: string | undefined; readonly shape: readonly number[] }[];

/** Shapes by the names of nodes. */
export type GivenShapes = ReadonlyMap<string, PartialShape>;

/**
 * Finds the tensor that each shape is for.
 *
 * @param inputs names of a model's inputs
 * @param has tells whether the model has a tensor of a name
 * @throws UserError `argument` if there is no tensor of a name, or if a shape without a name meets several inputs or none
 */
export function givenShapes(
  given: InputShapes,
  inputs: readonly string[],
  has: (name: string) => boolean,
): GivenShapes {
  return new Map(given.map(({ name, shape }) => [nameOf(name, inputs, has), shape]));
}

function nameOf(name: string | undefined, inputs: readonly string[], has: (name: string) => boolean): string {
  if (name === undefined) {
    if (inputs.length === 1) return inputs[0]!;
    throw new UserError(
      'argument',
      `--input_shape names no input, and the model has ${inputs.length}`,
      inputs.length > 0
        ? `Name one of them: ${inputs.slice(0, NAMED).join(', ')}.`
        : 'Name a tensor of the model.',
    );
  }
  const bare = name.replace(/:0$/, '');
  const found = [name, bare].find(has);
  if (found !== undefined) return found;
  throw new UserError(
    'argument',
    `--input_shape: the model has no input ${name}`,
    inputs.length > 0
      ? `Give another name, such as ${closest(name, inputs)}.`
      : 'Name a tensor of the model.',
  );
}

const NAMED = 5;
