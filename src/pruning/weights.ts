import { UserError } from '../errors.ts';

/** A weight tensor of the pruned network. `name` is TensorFlow's, such as `conv1/weights`. */
export interface NamedWeight {
  readonly name: string;
  readonly shape: readonly number[];
}

/** The number of values in a weight tensor. */
export function sizeOf({ shape }: NamedWeight): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** @throws UserError `argument` if two weights have one name, or a shape is not positive integers */
export function checkWeights(weights: readonly NamedWeight[]): void {
  const names = new Set<string>();
  for (const weight of weights) {
    const { name, shape } = weight;
    if (names.has(name)) throw new UserError('argument', `pruning: the weight ${name} is named twice`);
    names.add(name);
    const size = sizeOf(weight);
    if (!Number.isInteger(size) || size < 1)
      throw new UserError('argument', `pruning: ${name} has shape [${shape}], expected positive integers`);
  }
}
