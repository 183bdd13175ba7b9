import { UserError } from '../errors.ts';
import { nodesByName, parseInput } from '../tensorflow/lookup.ts';
import { initializesTable, isTableInitializer } from '../tensorflow/tables.ts';
import { unknownNode } from '../tensorflow/unknown-node.ts';
import type { GraphDef } from '../wire/protos.ts';

/**
 * The nodes that a user means by `names`, which may also name a tensor (`logits:0`).
 *
 * @param flag where the names were given, for the error
 * @throws UserError `argument` on a name that is not in the graph (the hint has the nearest ones), on further outputs of a node, and on
 *   nodes that give no tensor, unless they fill lookup tables
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
        `${flag}: ${given} is not the first output of ${node}, and a frozen graph gives only first outputs`,
        `Name a node that reads ${given}.`,
      );
    return node;
  });
}
