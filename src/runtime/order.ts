import { nodesByName, parseInput } from '../tensorflow/lookup.ts';
import { nodeError } from '../tensorflow/node-error.ts';
import { inOrder as inOrderOfReading } from '../tensorflow/order.ts';
import { initializesTable } from '../tensorflow/tables.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';

/** The names of the nodes that no other node reads, in the graph's order. Leaves out nodes without output: `NoOp`, table initializers. */
export function sinks(graph: GraphDef): string[] {
  const nodes = graph.node.filter(({ op }) => op !== 'NoOp');
  const read = new Set(nodes.flatMap(({ input }) => input.map((each) => parseInput(each).node)));
  return nodes.filter((node) => !read.has(node.name) && !initializesTable(node)).map(({ name }) => name);
}

/**
 * `output` and the nodes that it depends on, each after those it reads. Ignores control inputs: a frozen graph has no side
 * effects to order.
 *
 * @throws UserError `graph` on a circle or a loop, if two nodes have one name, or if a node reads one that does not exist
 */
export function inOrder(graph: GraphDef, output: string): NodeDef[] {
  return inOrderOfReading(nodesByName(graph), [output], (closing) =>
    nodeError(closing, 'closes a loop, which this runtime does not compute'),
  );
}
