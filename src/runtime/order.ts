import { UserError } from '../errors.ts';
import { inputNode, nodesByName, parseInput } from '../graph/index.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';

const NAMED_IN_AN_ERROR = 5;

/** The nodes that no other node reads, in the graph's order. */
export function sinks(graph: GraphDef): string[] {
  const read = new Set(graph.node.flatMap(({ input }) => input.map((each) => parseInput(each).node)));
  return graph.node.map(({ name }) => name).filter((name) => !read.has(name));
}

/**
 * The nodes that `output` is computed from and itself, each after those it reads. Control inputs are left out: what a
 * frozen graph computes has no side effects to order.
 *
 * @throws UserError `graph` on a circle, on two nodes of one name, or if a node reads one that does not exist
 */
export function inOrder(graph: GraphDef, output: string): NodeDef[] {
  const nodes = nodesByName(graph);
  const ordered = new Set<NodeDef>();
  const path = [step(nodes.get(output)!)];
  const onPath = new Set([path[0]!.node]);
  while (path.length > 0) {
    const current = path.at(-1)!;
    const input = current.inputs.next();
    if (input.done) {
      ordered.add(current.node);
      onPath.delete(current.node);
      path.pop();
      continue;
    }
    const producer = inputNode(nodes, current.node, input.value);
    if (onPath.has(producer))
      throw circle(
        path.map(({ node }) => node.name),
        producer.name,
      );
    if (ordered.has(producer)) continue;
    path.push(step(producer));
    onPath.add(producer);
  }
  return [...ordered];
}

function step(node: NodeDef) {
  return { node, inputs: node.input.filter((input) => !parseInput(input).control).values() };
}

function circle(path: readonly string[], start: string): UserError {
  const members = path.slice(path.indexOf(start));
  const named = members.slice(0, NAMED_IN_AN_ERROR).join(', ');
  const more = members.length > NAMED_IN_AN_ERROR ? ` and ${members.length - NAMED_IN_AN_ERROR} more` : '';
  return new UserError('graph', `nodes read each other in a circle: ${named}${more}`);
}
