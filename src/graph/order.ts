import { UserError } from '../errors.ts';
import type { NodeDef } from '../wire/protos.ts';
import { inputNode, parseInput } from './lookup.ts';

const NAMED_IN_AN_ERROR = 5;

/**
 * The nodes that `outputs` are computed from and themselves, each after those it reads. Left out are control inputs, and
 * what a Merge takes from the iteration before, by which alone a loop may be a circle.
 *
 * @param outputs names of nodes of the graph
 * @param loopError makes the error on a loop from the node that closes it; without it loops are let be
 * @throws UserError `graph` on any other circle, or if a node reads one that does not exist
 */
export function inOrder(
  nodes: ReadonlyMap<string, NodeDef>,
  outputs: Iterable<string>,
  loopError?: LoopError,
): NodeDef[] {
  const ordered = new Set<NodeDef>();
  for (const output of outputs) visit(nodes, nodes.get(output)!, ordered, loopError);
  return [...ordered];
}

type LoopError = (closing: NodeDef) => UserError;

function visit(
  nodes: ReadonlyMap<string, NodeDef>,
  output: NodeDef,
  ordered: Set<NodeDef>,
  loopError?: LoopError,
): void {
  if (ordered.has(output)) return;
  const path = [step(output)];
  const onPath = new Set([output]);
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
    if (ordered.has(producer) || (!loopError && isNextIteration(current.node, producer))) continue;
    if (onPath.has(producer)) {
      const nodesOnPath = path.map(({ node }) => node);
      throw circleError(nodesOnPath.slice(nodesOnPath.indexOf(producer)), loopError);
    }
    path.push(step(producer));
    onPath.add(producer);
  }
}

const isNextIteration = (reader: NodeDef, producer: NodeDef) =>
  /^(Ref)?Merge$/.test(reader.op) && /^(Ref)?NextIteration$/.test(producer.op);

function step(node: NodeDef) {
  return { node, inputs: node.input.filter((input) => !parseInput(input).control).values() };
}

function circleError(members: readonly NodeDef[], loopError?: LoopError): UserError {
  const closing = loopError && members.find(({ op }) => op === 'NextIteration');
  if (closing) return loopError(closing);
  const shown = members.slice(0, NAMED_IN_AN_ERROR).map(({ name }) => name);
  const more = members.length > NAMED_IN_AN_ERROR ? ` and ${members.length - NAMED_IN_AN_ERROR} more` : '';
  return new UserError('graph', `nodes read each other in a circle: ${shown.join(', ')}${more}`);
}
