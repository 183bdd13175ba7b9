import { UserError } from '../errors.ts';
import { inputNode, nodesByName, parseInput } from '../graph/index.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';
import { nodeError } from './node-error.ts';

const NAMED_IN_AN_ERROR = 5;

/** The nodes that no other node reads, in the graph's order; a `NoOp` gives nothing and only waits for others. */
export function sinks(graph: GraphDef): string[] {
  const nodes = graph.node.filter(({ op }) => op !== 'NoOp');
  const read = new Set(nodes.flatMap(({ input }) => input.map((each) => parseInput(each).node)));
  return nodes.map(({ name }) => name).filter((name) => !read.has(name));
}

/**
 * The nodes that `output` is computed from and itself, each after those it reads. Control inputs are left out: what a
 * frozen graph computes has no side effects to order.
 *
 * @throws UserError `graph` on a circle or a loop, on two nodes of one name, or if a node reads one that does not exist
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
        path.map(({ node }) => node),
        producer,
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

function circle(path: readonly NodeDef[], start: NodeDef): UserError {
  const members = path.slice(path.indexOf(start));
  const loop = members.find(({ op }) => op === 'NextIteration');
  if (loop) return nodeError(loop, 'closes a loop, which this runtime does not compute');
  const shown = members.slice(0, NAMED_IN_AN_ERROR).map(({ name }) => name);
  const more = members.length > NAMED_IN_AN_ERROR ? ` and ${members.length - NAMED_IN_AN_ERROR} more` : '';
  return new UserError('graph', `nodes read each other in a circle: ${shown.join(', ')}${more}`);
}
