import { nodesByName, parseInput } from '../graph/index.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';
import { tensorInputs } from './graph-inputs.ts';

/**
 * All nodes, each after those whose tensors it reads. In a loop, where that cannot be, and where an input is missing, the
 * node comes all the same.
 *
 * @throws UserError `graph` if two nodes have one name
 */
export function visitOrder(graph: GraphDef): NodeDef[] {
  const nodes = nodesByName(graph);
  const started = new Set<NodeDef>();
  const ordered: NodeDef[] = [];
  for (const root of graph.node) {
    if (started.has(root)) continue;
    const path = [visit(root, started)];
    while (path.length > 0) {
      const { node, inputs } = path.at(-1)!;
      const input = inputs.next();
      if (input.done) {
        ordered.push(node);
        path.pop();
        continue;
      }
      const producer = nodes.get(parseInput(input.value).node);
      if (producer && !started.has(producer)) path.push(visit(producer, started));
    }
  }
  return ordered;
}

function visit(node: NodeDef, started: Set<NodeDef>) {
  started.add(node);
  return { node, inputs: tensorInputs(node).values() };
}
