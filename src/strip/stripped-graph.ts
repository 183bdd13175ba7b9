import { TRAINING_DIVERGED } from '../checkpoint/index.ts';
import { UserError } from '../errors.ts';
import { averageName } from '../model/names.ts';
import { printable } from '../printable.ts';
import { declaredShape } from '../tensorflow/attributes.ts';
import { nodesByName } from '../tensorflow/lookup.ts';
import { isTableInitializer } from '../tensorflow/tables.ts';
import { describeNotFinite, findNotFinite } from '../wire/not-finite.ts';
import type { GraphDef, MetaGraphDef } from '../wire/protos.ts';
import { type CutGraph, cutInput, isBatchSource } from './cut-input.ts';
import { emptyTables } from './empty-tables.ts';
import { expectOperands } from './expect-operands.ts';
import { foldMaskedWeights, type StrippedTensor } from './fold-masked-weights.ts';
import { averagedValues, freezeVariables, type VariableValues, variableNames } from './freeze-variables.ts';
import { liftOutOfFunctions } from './functions/index.ts';
import { keepNeeded } from './keep-needed.ts';
import { leftMasks } from './left-masks.ts';
import { knownVariables } from './mask-variables.ts';
import { listedMaskedWeights } from './masked-weights.ts';
import { namedNodes } from './named-node.ts';
import { openBatch } from './open-batch.ts';
import { portable } from './portable.ts';

export interface StripOptions {
  /** Nodes whose values the frozen graph must give. */
  readonly outputNodeNames: readonly string[];
  /** If `outputNodeNames` is empty, the output is the first of these that the graph has. */
  readonly defaultOutputNames?: readonly string[] | undefined;
  /** Nodes to replace by placeholders; by default those that take a batch from a training input pipeline. */
  readonly inputNodeNames?: readonly string[] | undefined;
  /** Freeze the moving averages of weights and biases instead of their own values; masks apply all the same. */
  readonly movingAverage?: boolean | undefined;
}

export interface StripReport {
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly string[];
  /** The outputs asked for that give no tensor but fill the graph's lookup tables. */
  readonly initializers: readonly string[];
  /** The masked weights that were folded. */
  readonly tensors: readonly StrippedTensor[];
  /** What may surprise the user of the graph, one sentence each. */
  readonly warnings: readonly string[];
}

export interface GraphInput {
  readonly name: string;
  /** Extents, -1 for an open one; undefined if not even the rank is known. */
  readonly shape: readonly number[] | undefined;
}

/**
 * Freezes a training graph: variables and masked weights become constants, placeholders replace the training input, and
 * only the nodes that the outputs need are kept.
 *
 * @param values the variables of a checkpoint of this graph
 * @throws UserError `argument` on an unknown node name, `graph` or `checkpoint` if they cannot be frozen
 */
export function strippedGraph(
  metaGraph: MetaGraphDef,
  values: VariableValues,
  options: StripOptions,
): { graph: GraphDef; report: StripReport } {
  const { inference, outputs } = inferenceGraph(metaGraph, options);
  const variables = knownVariables(variableNames(inference), metaGraph, values);
  const lifted = keepNeeded(liftOutOfFunctions(inference, outputs, variables), outputs);
  const used = options.movingAverage ? averagedValues(values) : values;
  refuseNotFinite(variableNames(lifted), used);
  const frozen = freezeVariables(lifted, used);
  const listed = listedMaskedWeights(metaGraph);
  const { graph: folded, tensors, left } = foldMaskedWeights(frozen, { listed, variables, outputs });
  const graph = portable(folded);
  const warnings = [
    ...weightWarnings(tensors),
    ...leftMasks(graph, { variables, outputs, left }),
    ...emptyTables(graph, metaGraph.graphDef!),
  ];
  const nodes = nodesByName(graph);
  const fills = (name: string) => isTableInitializer(nodes, nodes.get(name)!);
  return {
    graph,
    report: {
      inputs: graphInputs(graph),
      outputs: outputs.filter((name) => !fills(name)),
      initializers: outputs.filter(fills),
      tensors,
      warnings,
    },
  };
}

function weightWarnings(tensors: readonly StrippedTensor[]): string[] {
  if (tensors.length === 0) return ['the outputs need no masked weights: 0 weight tensors were folded'];
  return tensors
    .filter(({ dtype }) => dtype !== 'float32')
    .map(
      ({ name, dtype }) =>
        `${name} holds ${dtype}, which weight format dense keeps; sizes and verification cover float32 weights only`,
    );
}

/** The names of the variables whose values {@link strippedGraph} needs. */
export function neededVariables(metaGraph: MetaGraphDef, options: StripOptions): string[] {
  const names = variableNames(inferenceGraph(metaGraph, options).inference);
  return options.movingAverage ? [...names, ...names.map(averageName)] : names;
}

/** The part of the graph that computes the outputs from a batch, before variables are frozen. */
function inferenceGraph(
  { graphDef }: MetaGraphDef,
  { outputNodeNames, defaultOutputNames = [], inputNodeNames = [] }: StripOptions,
): { inference: GraphDef; outputs: string[] } {
  if (!graphDef) throw new UserError('graph', 'the meta graph holds no graph');
  const outputs = namedNodes(
    graphDef,
    outputsAsked(graphDef, outputNodeNames, defaultOutputNames),
    '--output_node_names',
  );
  const inputs = namedNodes(graphDef, inputNodeNames, '--input_node_names');
  const cut = cutInput(graphDef, inputs);
  const inference = keepNeeded(cut.graph, outputs);
  refuseWrongInputs(inference, inputs, cut);
  expectOperands(inference);
  return { inference: openBatch(inference), outputs };
}

/** The names of the outputs. @throws UserError `usage` if none is given and the graph has no default output */
function outputsAsked(
  { node }: GraphDef,
  given: readonly string[],
  defaults: readonly string[],
): readonly string[] {
  if (given.length > 0) return given;
  const found = defaults.find((each) => node.some(({ name }) => name === each));
  if (found !== undefined) return [found];
  throw new UserError(
    'usage',
    defaults.length > 0
      ? `strip needs --output_node_names=NAMES for this checkpoint: its graph has no node ${defaults.join(' or ')}`
      : 'strip needs --output_node_names=NAMES for this checkpoint',
    'Name the nodes whose values the frozen graph must give.',
  );
}

/** @throws UserError `checkpoint` if a variable holds NaN or infinity */
function refuseNotFinite(variables: readonly string[], values: VariableValues): void {
  for (const name of variables) {
    const value = values.get(name);
    const odd = value && findNotFinite(value);
    if (odd)
      throw new UserError(
        'checkpoint',
        `the value of variable ${name} in the checkpoint ${describeNotFinite(value, odd)}`,
        TRAINING_DIVERGED,
      );
  }
}

/** @throws UserError `argument` if the outputs do not need an input that was named, or need a batch from elsewhere */
function refuseWrongInputs(inference: GraphDef, inputs: readonly string[], { placeholders }: CutGraph): void {
  const kept = nodesByName(inference);
  const isNeeded = (name: string) => (placeholders.get(name) ?? [name]).some((each) => kept.has(each));
  const unneeded = inputs.find((name) => !isNeeded(name));
  const source = inference.node.find(isBatchSource);
  const instead = source
    ? `they take their batch from ${source.name} (${source.op})`
    : `they are computed from ${
        graphInputs(inference)
          .map(({ name }) => name)
          .join(', ') || 'constants alone'
      }`;
  if (unneeded !== undefined)
    throw new UserError(
      'argument',
      `--input_node_names: the outputs do not need node ${printable(unneeded)}`,
      `Name a node before the outputs (${instead}), or leave --input_node_names out.`,
    );
  if (source)
    throw new UserError(
      'argument',
      `--input_node_names: the outputs also need node ${printable(source.name)} (${printable(source.op)}), which takes a batch from the training input`,
      'Name it too, or a node between it and the outputs.',
    );
}

function graphInputs(graph: GraphDef): GraphInput[] {
  return graph.node
    .filter(({ op }) => op.startsWith('Placeholder'))
    .map((node) => ({ name: node.name, shape: declaredShape(node) }));
}
