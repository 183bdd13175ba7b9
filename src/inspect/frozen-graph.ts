import { UserError } from '../errors.ts';
import { isVariable, nodesByName, parseInput } from '../tensorflow/lookup.ts';
import { inOrder } from '../tensorflow/order.ts';
import type { GraphDef } from '../wire/protos.ts';
import { graphWeights } from './graph-weights.ts';
import { givenShapes, type InputShapes } from './input-shapes.ts';
import { type KnownValues, knownValues } from './known-values.ts';
import type { Model } from './model.ts';
import { describeConstant } from './tensors.ts';

type GraphPart = Pick<Model, 'weights' | 'tensors' | 'notices' | 'graph' | 'incomplete'>;

/**
 * The weights and other tensors of a graph that holds its weights itself.
 *
 * @throws UserError `graph` if two nodes have one name or a constant is damaged
 */
export function frozenGraph(graph: GraphDef, inputShapes: InputShapes = []): GraphPart {
  const known = knownValues(graph, undefined, givenShapes(inputShapes, ...namesIn(graph)));
  const { weights, notices } = graphWeights(known);
  const names = new Set(weights.map(({ name }) => name));
  const missing = missingInputs(graph);
  return {
    weights,
    tensors: graph.node
      .filter(({ op, name }) => op === 'Const' && !names.has(name))
      .flatMap((node) => describeConstant(node, known.constants.get(node.name)) ?? []),
    graph,
    incomplete: known.leftCalls > 0 || graph.node.some(isVariable),
    notices: [
      // Circles can be found only if all inputs are there.
      ...(missing.length > 0 ? missing : circles(graph)),
      ...withoutValues(graph),
      ...leftCallsNotice(known),
      ...notices,
    ],
  };
}

function missingInputs(graph: GraphDef): string[] {
  const names = new Set(graph.node.map(({ name }) => name));
  const missing = graph.node.flatMap(({ name, input }) =>
    input.filter((each) => !names.has(parseInput(each).node)).map((each) => `${name} reads ${each}`),
  );
  if (missing.length === 0) return [];
  return [`the graph lacks the nodes of ${missing.length} inputs; the first: ${missing[0]}`];
}

/** A notice about a circle that is not a loop. */
function circles(graph: GraphDef): string[] {
  try {
    inOrder(nodesByName(graph), new Set(graph.node.map(({ name }) => name)));
    return [];
  } catch (error) {
    if (error instanceof UserError) return [error.message];
    throw error;
  }
}

function withoutValues(graph: GraphDef): string[] {
  const count = graph.node.filter(isVariable).length;
  return count > 0 ? [`${count} variables have no values: those are in a checkpoint, not in the graph`] : [];
}

export function leftCallsNotice({ leftCalls }: KnownValues): string[] {
  return leftCalls > 0 ? [`what ${leftCalls} calls of functions compute is not counted`] : [];
}

/** The names of a graph's inputs, and a function that tells whether the graph has a node of a name. */
export function namesIn({ node }: GraphDef): [string[], (name: string) => boolean] {
  const names = new Set(node.map(({ name }) => name));
  const inputs = node.filter(({ op }) => op.startsWith('Placeholder')).map(({ name }) => name);
  return [inputs, (name) => names.has(name)];
}
