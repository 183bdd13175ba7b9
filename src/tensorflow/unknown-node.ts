import { distance } from 'fastest-levenshtein';
import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';
import { parseInput } from './lookup.ts';

const SUGGESTIONS = 3;

/**
 * The error for a name that is not in a graph. Its hint suggests nodes with similar names.
 *
 * @param given name of a node, or of a tensor (`logits:0`)
 * @param flag the argument that gave the name, if one did; the error is then `argument` instead of `graph`
 */
export function unknownNode(graph: GraphDef, given: string, flag?: string): UserError {
  const name = parseInput(given).node;
  const nearest = nearestNodes(graph, name).join(', ');
  const last = lastOfScope(graph, name);
  return new UserError(
    flag === undefined ? 'graph' : 'argument',
    `${flag === undefined ? '' : `${flag}: `}the graph has no node ${printable(given)}`,
    last === undefined
      ? `Name one of its ${graph.node.length} nodes; the nearest are ${nearest}.`
      : `Name ${printable(last)}, the last node of the scope ${printable(name)}.`,
  );
}

/**
 * The node that a user most likely means by the name of a scope: the last node in it that computes something and that no other
 * node of the scope reads.
 */
function lastOfScope({ node }: GraphDef, scope: string): string | undefined {
  const inside = node.filter(({ name }) => name.startsWith(`${scope}/`));
  const read = new Set(inside.flatMap(({ input }) => input.map((each) => parseInput(each).node)));
  const computes = ({ op, input }: NodeDef) => input.length > 0 && !STATE.test(op);
  const last = inside.filter((each) => computes(each) && !read.has(each.name)).map(({ name }) => name);
  // A layer's scope may also hold its losses. TensorFlow names the layer's own result like the layer.
  const own = `${scope}/${scope.split('/').at(-1)}`;
  return last.findLast((name) => name.startsWith(own)) ?? last.at(-1);
}

/** Operations that do not compute: they set, read or pass on variables, or only order other operations. */
const STATE = /^(Assign|Identity|NoOp|ReadVariable|Restore|Save)/;

function nearestNodes(graph: GraphDef, given: string): string[] {
  return graph.node
    .map(({ name }) => ({ name, edits: distance(given, name) }))
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, SUGGESTIONS)
    .map(({ name }) => printable(name));
}
