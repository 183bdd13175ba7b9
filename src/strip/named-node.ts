import { UserError } from '../errors.ts';
import { nodesByName, parseInput } from '../tensorflow/lookup.ts';
import { initializesTable, isTableInitializer } from '../tensorflow/tables.ts';
import { unknownNode } from '../tensorflow/unknown-node.ts';
import type { GraphDef } from '../wire/protos.ts';

/**
 * The nodes a user means by `names`, which may name a tensor too (`logits:0`).
 *
 * @param flag where the names were given, for the error
 * @throws UserError `argument` on a name that is not in the graph, with the nearest ones that are, and on what gives no tensor and does
 *   more than fill lookup tables
 */
export function namedNodes(graph: GraphDef, names: readonly string[], flag: string): string[] {
  const nodes = nodesByName(graph);
  return names.map((given) => {
    const { node, output, control } = parseInput(given);
    const found = nodes.get(node);
    if (!found) throw unknownNode(graph, given, flag);
    const isInitializer = !control && isTableInitializer(nodes, found);
    if (control || (!isInitializer && (found.op === 'NoOp' || initializesTable(found))))
      throw new UserError(
        'argument',
        `${flag}: ${given} (${found.op}) gives no tensor`,
        'Name a node that computes something.',
      );
    if (output > 0)
      throw new UserError(
        'argument',
        `${flag}: ${given} is a further output of ${node}; a frozen graph gives first outputs only`,
        `Name a node that reads ${given}.`,
      );
    return node;
  });
}
