import { UserError } from '../errors.ts';
import type { GraphDef, MetaGraphDef, NodeDef } from '../wire/protos.ts';
import { cutInput } from './cut-input.ts';
import { foldMaskedWeights, type StrippedTensor } from './fold-masked-weights.ts';
import { averagedValues, freezeVariables, type VariableValues } from './freeze-variables.ts';
import { keepNeeded } from './keep-needed.ts';
import { findMaskedWeights } from './masked-weights.ts';
import { namedNodes } from './named-node.ts';
import { portable } from './portable.ts';

export interface StripOptions {
  /** Nodes whose values the frozen graph must give. */
  readonly outputNodeNames: readonly string[];
  /** Nodes to replace by placeholders; by default those that take a batch from a queue or from an iterator. */
  readonly inputNodeNames?: readonly string[] | undefined;
  /** Freeze the moving averages of weights and biases instead of their own values; masks apply all the same. */
  readonly movingAverage?: boolean | undefined;
}

export interface StripReport {
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly string[];
  /** The masked weights. */
  readonly tensors: readonly StrippedTensor[];
}

export interface GraphInput {
  readonly name: string;
  /** -1 where an extent may be any; undefined where not even the rank is known. */
  readonly shape: readonly number[] | undefined;
}

/**
 * A training graph frozen: variables and masked weights as constants, the training input cut off, and nothing but what
 * the outputs need.
 *
 * @param values the variables of a checkpoint of this graph
 * @throws UserError `argument` on an unknown node name, `graph` or `checkpoint` where they cannot be frozen
 */
export function strippedGraph(
  metaGraph: MetaGraphDef,
  values: VariableValues,
  { outputNodeNames, inputNodeNames = [], movingAverage = false }: StripOptions,
): { graph: GraphDef; report: StripReport } {
  const training = metaGraph.graphDef;
  if (!training) throw new UserError('graph', 'the meta graph holds no graph');
  const outputs = namedNodes(training, outputNodeNames, '--output_node_names');
  const inputs = namedNodes(training, inputNodeNames, '--input_node_names');

  const inference = keepNeeded(cutInput(training, inputs), outputs);
  const frozen = freezeVariables(inference, movingAverage ? averagedValues(values) : values);
  const { graph: folded, tensors } = foldMaskedWeights(frozen, findMaskedWeights(metaGraph));
  const graph = portable(keepNeeded(folded, outputs));
  return { graph, report: { inputs: graphInputs(graph), outputs, tensors } };
}

function graphInputs(graph: GraphDef): GraphInput[] {
  return graph.node
    .filter(({ op }) => op.startsWith('Placeholder'))
    .map((node) => ({ name: node.name, shape: declaredShape(node) }));
}

function declaredShape({ attr }: NodeDef): number[] | undefined {
  const shape = attr.shape?.value;
  if (shape?.case !== 'shape' || shape.value.unknownRank) return undefined;
  return shape.value.dim.map(({ size }) => Number(size));
}
