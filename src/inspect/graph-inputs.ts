import { parseInput } from '../tensorflow/lookup.ts';
import { type Effect, passedFrom } from '../tensorflow/passing.ts';
import type { NodeDef } from '../wire/protos.ts';

/**
 * The effects of nodes behind which a constant is still the same. Not in the list: defaults of inputs, which may be fed, and
 * values that change from one iteration of a loop to the next.
 */
export const OF_CONSTANTS: readonly Effect[] = [
  'asserts',
  'branches',
  'dereferences',
  'enters',
  'lists',
  'refers',
];

/** The entry of `known` for the tensor that `input` refers to. */
export function outputOf<T>(known: ReadonlyMap<string, T>, input: string | undefined): T | undefined {
  if (input === undefined) return undefined;
  const { node, output } = parseInput(input);
  return known.get(outputKey(node, output));
}

/** The key of an output of a node: `node` for the first, `node:1` for the second, and so on. */
export function outputKey(node: string, output: number): string {
  return output === 0 ? node : `${node}:${output}`;
}

/**
 * Follows inputs back through nodes that pass a tensor on unchanged; in a damaged graph as far as possible.
 *
 * @param effects further effects that these nodes may have
 * @returns a function that gives the node from which an input comes, for inputs that the graph has
 */
export function originsIn(
  nodes: ReadonlyMap<string, NodeDef>,
  effects = OF_CONSTANTS,
): (input: string) => NodeDef {
  const from = passedFrom(nodes, effects);
  return (input) => nodes.get(parseInput(from(input)).node)!;
}
