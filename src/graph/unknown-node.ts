import { distance } from 'fastest-levenshtein';
import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { GraphDef } from '../wire/protos.ts';
import { parseInput } from './lookup.ts';

const SUGGESTIONS = 3;

/**
 * The error on a name that is not in a graph, with the nearest ones that are.
 *
 * @param given may name a tensor too (`logits:0`)
 * @param flag where the name was given, if in an argument, which makes the error `argument` instead of `graph`
 */
export function unknownNode(graph: GraphDef, given: string, flag?: string): UserError {
  const nearest = nearestNodes(graph, parseInput(given).node).join(', ');
  return new UserError(
    flag === undefined ? 'graph' : 'argument',
    `${flag === undefined ? '' : `${flag}: `}the graph has no node ${printable(given)}`,
    `the nearest of its ${graph.node.length} nodes are ${nearest}`,
  );
}

function nearestNodes(graph: GraphDef, given: string): string[] {
  return graph.node
    .map(({ name }) => ({ name, edits: distance(given, name) }))
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, SUGGESTIONS)
    .map(({ name }) => printable(name));
}
