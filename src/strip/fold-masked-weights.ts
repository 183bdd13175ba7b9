import { constant, nodesByName } from '../graph/index.ts';
import type { GraphDef } from '../wire/protos.ts';
import { elementCount } from '../wire/tensor.ts';
import { evaluate } from './evaluate.ts';
import { withNodes } from './keep-needed.ts';

/** What a frozen graph holds of one masked weight tensor. */
export interface StrippedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: number;
  readonly zeros: number;
}

/**
 * Puts a constant in the place of each masked weight that the graph has.
 *
 * @param maskedWeights names of nodes; those not in the graph are passed over
 * @throws UserError `graph` if one cannot be computed from constants
 */
export function foldMaskedWeights(
  graph: GraphDef,
  maskedWeights: readonly string[],
): { graph: GraphDef; tensors: StrippedTensor[] } {
  const nodes = nodesByName(graph);
  const folded = maskedWeights.flatMap((name) => {
    const node = nodes.get(name);
    return node ? [{ name, value: evaluate(nodes, node) }] : [];
  });
  const constants = new Map(folded.map(({ name, value }) => [name, constant(name, value)]));
  return {
    graph: withNodes(
      graph,
      graph.node.map((node) => constants.get(node.name) ?? node),
    ),
    tensors: folded.map(({ name, value: { shape, data } }) => ({
      name,
      shape,
      values: elementCount(shape),
      zeros: data.filter((weight) => weight === 0).length,
    })),
  };
}
