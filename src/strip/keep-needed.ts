import { create } from '@bufbuild/protobuf';
import { inputNode, nodesByName, parseInput } from '../graph/index.ts';
import { type GraphDef, GraphDefSchema, type NodeDef, NodeDefSchema } from '../wire/protos.ts';

/** Here a control input decides whether a value exists, where elsewhere it only orders side effects. */
const CONTROL_FLOW = new Set(['Switch', 'RefSwitch', 'Merge', 'RefMerge', 'Enter', 'RefEnter', 'LoopCond']);

const isControl = (input: string) => parseInput(input).control;

/**
 * Only what the outputs are computed from, in the graph's order. Control inputs are dropped, since a frozen graph has no
 * side effects to order, unless branches or loops are among what is kept.
 *
 * @param outputs names of nodes of the graph
 * @throws UserError `graph` where a node that is needed reads one that does not exist
 */
export function keepNeeded(graph: GraphDef, outputs: readonly string[]): GraphDef {
  const nodes = nodesByName(graph);
  const values = ancestors(nodes, outputs, (input) => !isControl(input));
  if (graph.node.some(({ name, op }) => values.has(name) && CONTROL_FLOW.has(op))) {
    const all = ancestors(nodes, outputs, () => true);
    return withNodes(
      graph,
      graph.node.filter(({ name }) => all.has(name)),
    );
  }
  return withNodes(graph, graph.node.filter(({ name }) => values.has(name)).map(withoutControlInputs));
}

/** The graph with other nodes. */
export function withNodes(graph: GraphDef, node: NodeDef[]): GraphDef {
  return create(GraphDefSchema, { ...graph, node });
}

function ancestors(
  nodes: ReadonlyMap<string, NodeDef>,
  outputs: readonly string[],
  follow: (input: string) => boolean,
): Set<string> {
  const reached = new Set(outputs);
  // A set's iterator also visits what is added on the way.
  for (const name of reached) {
    const consumer = nodes.get(name)!;
    for (const input of consumer.input.filter(follow)) reached.add(inputNode(nodes, consumer, input).name);
  }
  return reached;
}

function withoutControlInputs(node: NodeDef): NodeDef {
  return create(NodeDefSchema, { ...node, input: node.input.filter((input) => !isControl(input)) });
}
