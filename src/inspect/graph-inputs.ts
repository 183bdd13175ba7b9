import { parseInput } from '../tensorflow/lookup.ts';
import { type Effect, passedFrom } from '../tensorflow/passing.ts';
import type { NodeDef } from '../wire/protos.ts';

/**
 * What nodes may do through which a constant is followed. What may be fed is no constant, and what changes from one iteration
 * of a loop to the next is none.
 */
export const OF_CONSTANTS: readonly Effect[] = [
  'asserts',
  'branches',
  'dereferences',
  'enters',
  'lists',
  'refers',
];

/** What is known of the tensor that `input` refers to. */
export function outputOf<T>(known: ReadonlyMap<string, T>, input: string | undefined): T | undefined {
  if (input === undefined) return undefined;
  const { node, output } = parseInput(input);
  return known.get(outputKey(node, output));
}

/** Under which what is known of an output of a node is kept: `node`, and but for the first `node:1`. */
export function outputKey(node: string, output: number): string {
  return output === 0 ? node : `${node}:${output}`;
}

/**
 * Follows inputs back through nodes that pass a tensor on as it is; in a damaged graph as far as that goes.
 *
 * @param effects what the nodes may do beside
 * @returns the node from which an input comes, for inputs that the graph has
 */
export function originsIn(
  nodes: ReadonlyMap<string, NodeDef>,
  effects = OF_CONSTANTS,
): (input: string) => NodeDef {
  const from = passedFrom(nodes, effects);
  return (input) => nodes.get(parseInput(from(input)).node)!;
}
