import { create } from '@bufbuild/protobuf';
import { inputNode, nodesByName, parseInput } from '../tensorflow/lookup.ts';
import { inOrder } from '../tensorflow/order.ts';
import { isEntrance } from '../tensorflow/passing.ts';
import { type GraphDef, GraphDefSchema, type NodeDef, NodeDefSchema } from '../wire/protos.ts';

const isControl = (input: string) => parseInput(input).control;

/**
 * The nodes that the outputs are computed from, in the graph's order. Control inputs are dropped, since a frozen graph has no
 * side effects to order, except those that come from inside loops and branches that are kept: there a control input decides
 * whether a value exists.
 *
 * @param outputs names of nodes of the graph
 * @throws UserError `graph` if a needed node reads one that does not exist, or if nodes read each other in a circle that is
 *   not a loop
 */
export function keepNeeded(graph: GraphDef, outputs: readonly string[]): GraphDef {
  const nodes = nodesByName(graph);
  const waiting = waitingNodes(nodes, outputs);
  const values = ancestors(nodes, outputs, (input, { name }) => !isControl(input) || waiting.has(name));
  const hasControlFlow = graph.node.some(({ name, op }) => values.has(name) && isEntrance(op));
  const inside = hasControlFlow ? insideControlFlow(graph) : new Set<string>();
  const follows = (input: string, { name }: NodeDef) =>
    !isControl(input) || waiting.has(name) || inside.has(parseInput(input).node);
  const all = hasControlFlow ? ancestors(nodes, outputs, follows) : values;
  const kept = graph.node.filter(({ name }) => all.has(name));
  const iterations = kept.filter(({ op }) => op.endsWith('NextIteration')).map(({ name }) => name);
  inOrder(nodes, [...outputs, ...iterations]);
  return withNodes(
    graph,
    kept.map((node) =>
      create(NodeDefSchema, { ...node, input: node.input.filter((input) => follows(input, node)) }),
    ),
  );
}

/** The outputs that only wait for other nodes (NoOp), such as initializers of lookup tables, and the NoOps that they wait for. */
function waitingNodes(nodes: ReadonlyMap<string, NodeDef>, outputs: readonly string[]): Set<string> {
  const isWaiting = (name: string) => nodes.get(name)?.op === 'NoOp';
  const waiting = new Set(outputs.filter(isWaiting));
  // A set's iterator also visits what is added on the way.
  for (const name of waiting)
    for (const input of nodes.get(name)!.input) {
      const source = parseInput(input).node;
      if (isWaiting(source)) waiting.add(source);
    }
  return waiting;
}

/** The nodes through which values enter loops and branches, and all that depend on these. */
function insideControlFlow(graph: GraphDef): Set<string> {
  const readers = new Map<string, string[]>();
  for (const { name, input } of graph.node)
    for (const each of input) {
      const source = parseInput(each).node;
      const known = readers.get(source);
      if (known) known.push(name);
      else readers.set(source, [name]);
    }
  const inside = new Set(graph.node.filter(({ op }) => isEntrance(op)).map(({ name }) => name));
  // A set's iterator also visits what is added on the way.
  for (const name of inside) for (const reader of readers.get(name) ?? []) inside.add(reader);
  return inside;
}

/** The graph with `node` as its nodes. */
export function withNodes(graph: GraphDef, node: NodeDef[]): GraphDef {
  return create(GraphDefSchema, { ...graph, node });
}

function ancestors(
  nodes: ReadonlyMap<string, NodeDef>,
  outputs: readonly string[],
  follow: (input: string, reader: NodeDef) => boolean,
): Set<string> {
  const reached = new Set(outputs);
  // A set's iterator also visits what is added on the way.
  for (const name of reached) {
    const consumer = nodes.get(name)!;
    for (const input of consumer.input.filter((each) => follow(each, consumer)))
      reached.add(inputNode(nodes, consumer, input).name);
  }
  return reached;
}
