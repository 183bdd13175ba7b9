import { nodesByName, parseInput, unknownNode } from '../graph/index.ts';
import type { GraphDef } from '../wire/protos.ts';

/**
 * The nodes a user means by `names`, which may name a tensor too (`logits:0`).
 *
 * @param flag where the names were given, for the error
 * @throws UserError `argument` on a name that is not in the graph, with the nearest ones that are
 */
export function namedNodes(graph: GraphDef, names: readonly string[], flag: string): string[] {
  const nodes = nodesByName(graph);
  return names.map((given) => {
    const { node } = parseInput(given);
    if (nodes.has(node)) return node;
    throw unknownNode(graph, given, flag);
  });
}
