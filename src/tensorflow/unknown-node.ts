import { distance } from 'fastest-levenshtein';
import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';
import { parseInput } from './lookup.ts';

const SUGGESTIONS = 3;

/**
 * The error on a name that is not in a graph, with the nearest ones that are.
 *
 * @param given may name a tensor too (`logits:0`)
 * @param flag where the name was given, if in an argument, which makes the error `argument` instead of `graph`
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
 * The node that a user means who names a scope: the last one in it that no other node of the scope reads, and that computes
 * something.
 */
function lastOfScope({ node }: GraphDef, scope: string): string | undefined {
  const inside = node.filter(({ name }) => name.startsWith(`${scope}/`));
  const read = new Set(inside.flatMap(({ input }) => input.map((each) => parseInput(each).node)));
  const computes = ({ op, input }: NodeDef) => input.length > 0 && !STATE.test(op);
  const last = inside.filter((each) => computes(each) && !read.has(each.name)).map(({ name }) => name);
  // Beside a layer's own result, which TensorFlow names as the layer, a scope may hold losses of it.
  const own = `${scope}/${scope.split('/').at(-1)}`;
  return last.findLast((name) => name.startsWith(own)) ?? last.at(-1);
}

/** Operations that set or pass on variables, or order others. */
const STATE = /^(Assign|Identity|NoOp|ReadVariable|Restore|Save)/;

function nearestNodes(graph: GraphDef, given: string): string[] {
  return graph.node
    .map(({ name }) => ({ name, edits: distance(given, name) }))
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, SUGGESTIONS)
    .map(({ name }) => printable(name));
}
