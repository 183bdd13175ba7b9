import { UserError } from '../errors.ts';
import { inOrder, isVariable, nodesByName, parseInput } from '../graph/index.ts';
import type { GraphDef } from '../wire/protos.ts';
import { graphWeights } from './graph-weights.ts';
import { knownValues } from './known-values.ts';
import type { Model } from './model.ts';
import { describeConstant } from './tensors.ts';

type GraphPart = Pick<Model, 'weights' | 'tensors' | 'notices' | 'graph'>;

/**
 * A graph that holds its weights itself.
 *
 * @throws UserError `graph` if two nodes have one name or a constant is damaged
 */
export function frozenGraph(graph: GraphDef): GraphPart {
  const known = knownValues(graph);
  const { weights, notices } = graphWeights(graph, known);
  const names = new Set(weights.map(({ name }) => name));
  const missing = missingInputs(graph);
  return {
    weights,
    tensors: graph.node
      .filter(({ op, name }) => op === 'Const' && !names.has(name))
      .flatMap((node) => describeConstant(node, known.constants.get(node.name)) ?? []),
    graph,
    notices: [
      // Without its inputs a graph cannot be put in order.
      ...(missing.length > 0 ? missing : circles(graph)),
      ...withoutValues(graph),
      ...insideFunctions(graph),
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
  return [`the graph lacks what ${missing.length} inputs refer to; the first: ${missing[0]}`];
}

/** A circle outside loops. */
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

/** What is computed in functions is not looked into. */
export function insideFunctions({ library }: GraphDef): string[] {
  const count = library?.function.length ?? 0;
  return count > 0 ? [`what the graph's ${count} functions compute is not counted`] : [];
}
