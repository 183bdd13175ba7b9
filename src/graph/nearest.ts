import { distance } from 'fastest-levenshtein';
import type { GraphDef } from '../wire/protos.ts';

/** The names of the `count` nodes that are spelled most like a given one, for an error; nearest first. */
export function nearestNodes(graph: GraphDef, given: string, count: number): string[] {
  return graph.node
    .map(({ name }) => ({ name, edits: distance(given, name) }))
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, count)
    .map(({ name }) => name);
}
