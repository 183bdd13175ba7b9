import { parseInput, tensorInputs } from '../graph/index.ts';
import type { NodeDef } from '../wire/protos.ts';

/** Operations that give the tensor that they take. */
export const PASSING = new Set(['Identity', 'ReadVariableOp', 'Enter', 'StopGradient', 'CheckNumerics']);

/** What is known of the tensor that `input` refers to; only first outputs are known. */
export function firstOutput<T>(known: ReadonlyMap<string, T>, input: string | undefined): T | undefined {
  if (input === undefined) return undefined;
  const { node, output } = parseInput(input);
  return output === 0 ? known.get(node) : undefined;
}

/** The node from which an input comes, through those that pass a tensor on as it is. @param input known to be constant */
export function origin(nodes: ReadonlyMap<string, NodeDef>, input: string): NodeDef {
  const node = nodes.get(parseInput(input).node)!;
  return PASSING.has(node.op) ? origin(nodes, tensorInputs(node)[0]!) : node;
}
