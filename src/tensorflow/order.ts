import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';
import { inputNode, nodesByName, parseInput, tensorInputs } from './lookup.ts';

const NAMED_IN_AN_ERROR = 5;

/**
 * `outputs` and the nodes that they depend on, each after those it reads. Ignores control inputs. If loops are allowed, it also
 * ignores what a Merge takes from the previous iteration, since this closes the circle of a loop.
 *
 * @param outputs names of nodes of the graph
 * @param loopError makes the error for a loop from the node that closes it; omit to allow loops
 * @throws UserError `graph` on any other circle, or if a node reads one that does not exist
 */
export function inOrder(
  nodes: ReadonlyMap<string, NodeDef>,
  outputs: Iterable<string>,
  loopError?: LoopError,
): NodeDef[] {
  const roots = Array.from(outputs, (output) => nodes.get(output)!);
  return walk(
    roots,
    (reader, input) => {
      const producer = inputNode(nodes, reader, input);
      return !loopError && isNextIteration(reader, producer) ? undefined : producer;
    },
    (circle) => {
      throw circleError(circle, loopError);
    },
  );
}

/**
 * All nodes, each after those whose tensors it reads, as far as that is possible: nodes of a circle, and nodes whose inputs are
 * missing, are in the list, too.
 *
 * @throws UserError `graph` if two nodes have one name
 */
export function allInOrder(graph: GraphDef): NodeDef[] {
  const nodes = nodesByName(graph);
  return walk(graph.node, (_, input) => nodes.get(parseInput(input).node));
}

type LoopError = (closing: NodeDef) => UserError;

/**
 * Sorts nodes topologically, without recursion.
 *
 * @param producerOf returns the node that an input comes from; undefined if the walk should not follow it
 * @param onCircle receives the nodes of a circle, each of which reads the next
 * @returns the roots and the nodes that they depend on, each after those it depends on
 */
export function walk(
  roots: readonly NodeDef[],
  producerOf: (reader: NodeDef, input: string) => NodeDef | undefined,
  onCircle?: (circle: readonly NodeDef[]) => void,
): NodeDef[] {
  const started = new Set<NodeDef>();
  const ordered = new Set<NodeDef>();
  for (const root of roots) {
    const path: Visit[] = [];
    const enter = (node: NodeDef) => {
      started.add(node);
      path.push({ node, inputs: tensorInputs(node).values() });
    };
    if (!started.has(root)) enter(root);
    while (path.length > 0) {
      const { node, inputs } = path.at(-1)!;
      const input = inputs.next();
      if (input.done) {
        ordered.add(node);
        path.pop();
        continue;
      }
      const producer = producerOf(node, input.value);
      if (!producer || ordered.has(producer)) continue;
      if (!started.has(producer)) enter(producer);
      else
        onCircle?.(path.map((visit) => visit.node).slice(path.findIndex((visit) => visit.node === producer)));
    }
  }
  return [...ordered];
}

/** A node on the present path, and those of its inputs that have not been followed yet. */
interface Visit {
  readonly node: NodeDef;
  readonly inputs: Iterator<string>;
}

const isNextIteration = (reader: NodeDef, producer: NodeDef) =>
  /^(Ref)?Merge$/.test(reader.op) && /^(Ref)?NextIteration$/.test(producer.op);

function circleError(members: readonly NodeDef[], loopError?: LoopError): UserError {
  const closing = loopError && members.find(({ op }) => op === 'NextIteration');
  if (closing) return loopError(closing);
  const shown = members.slice(0, NAMED_IN_AN_ERROR).map(({ name }) => printable(name));
  const more = members.length > NAMED_IN_AN_ERROR ? ` and ${members.length - NAMED_IN_AN_ERROR} more` : '';
  return new UserError('graph', `nodes read each other in a circle: ${shown.join(', ')}${more}`);
}
