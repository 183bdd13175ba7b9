import { parseInput, tensorInputs } from '../tensorflow/lookup.ts';
import type { NodeDef } from '../wire/protos.ts';

/** Operations that give the tensor that they take. */
export const PASSING = new Set([
  ...['Identity', 'IdentityN', 'ReadVariableOp', 'Enter', 'RefEnter', 'StopGradient', 'CheckNumerics'],
  ...['PreventGradient', 'Snapshot'],
]);

/** What is known of the tensor that `input` refers to. */
export function outputOf<T>(known: ReadonlyMap<string, T>, input: string | undefined): T | undefined {
  if (input === undefined) return undefined;
  const { node, output } = parseInput(input);
  return known.get(output === 0 ? node : `${node}:${output}`);
}

/**
 * Follows inputs back through nodes that pass a tensor on as it is; in a damaged graph as far as that goes.
 *
 * @param through the operations that are passed
 * @returns the node from which an input comes, for inputs that the graph has
 */
export function originsIn(
  nodes: ReadonlyMap<string, NodeDef>,
  through = PASSING,
): (input: string) => NodeDef {
  const known = new Map<string, NodeDef>();
  return (input) => {
    const passed = new Set<string>();
    let at = input;
    let found = known.get(at);
    while (!found) {
      passed.add(at);
      const { node: name, output } = parseInput(at);
      const node = nodes.get(name)!;
      const source = through.has(node.op)
        ? tensorInputs(node)[node.op === 'IdentityN' ? output : 0]
        : undefined;
      if (source === undefined || passed.has(source) || !nodes.has(parseInput(source).node)) found = node;
      else {
        at = source;
        found = known.get(at);
      }
    }
    for (const each of passed) known.set(each, found);
    return found;
  };
}
