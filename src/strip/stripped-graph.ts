import { UserError } from '../errors.ts';
import { averageName } from '../model/names.ts';
import type { GraphDef, MetaGraphDef, NodeDef } from '../wire/protos.ts';
import { cutInput } from './cut-input.ts';
import { foldMaskedWeights, type StrippedTensor } from './fold-masked-weights.ts';
import { averagedValues, freezeVariables, type VariableValues, variableNames } from './freeze-variables.ts';
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
  options: StripOptions,
): { graph: GraphDef; report: StripReport } {
  const { inference, outputs } = inferenceGraph(metaGraph, options);
  const frozen = freezeVariables(inference, options.movingAverage ? averagedValues(values) : values);
  const { graph: folded, tensors } = foldMaskedWeights(frozen, findMaskedWeights(metaGraph));
  const graph = portable(keepNeeded(folded, outputs));
  return { graph, report: { inputs: graphInputs(graph), outputs, tensors } };
}

/** The variables that {@link strippedGraph} looks for among the values. */
export function neededVariables(metaGraph: MetaGraphDef, options: StripOptions): string[] {
  const names = variableNames(inferenceGraph(metaGraph, options).inference);
  return options.movingAverage ? [...names, ...names.map(averageName)] : names;
}

/** What computes the outputs from a batch, its variables still variables. */
function inferenceGraph(
  { graphDef }: MetaGraphDef,
  { outputNodeNames, inputNodeNames = [] }: StripOptions,
): { inference: GraphDef; outputs: string[] } {
  if (!graphDef) throw new UserError('graph', 'the meta graph holds no graph');
  const outputs = namedNodes(graphDef, outputNodeNames, '--output_node_names');
  const inputs = namedNodes(graphDef, inputNodeNames, '--input_node_names');
  return { inference: keepNeeded(cutInput(graphDef, inputs), outputs), outputs };
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
