import { create } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import { constant } from '../graph/index.ts';
import { freeName, nodesByName, parseInput } from '../tensorflow/lookup.ts';
import { type GraphDef, type NodeDef, NodeDefSchema } from '../wire/protos.ts';
import { elementCount } from '../wire/tensor.ts';
import { type Passage, WeightEvaluator, type Weights } from './evaluate.ts';
import { keepNeeded, withNodes } from './keep-needed.ts';
import { findMaskedWeights } from './masked-weights.ts';
import type { Variables } from './origins.ts';
import { constantProducts } from './products.ts';

/** One masked weight tensor of a frozen graph. */
export interface StrippedTensor {
  readonly name: string;
  readonly dtype: Weights['dtype'];
  readonly shape: readonly number[];
  readonly values: number;
  readonly zeros: number;
}

export interface FoldOptions {
  /** Names of the nodes that the training graph lists as masked weights; names that are not in `graph` are ignored. */
  readonly listed: readonly string[];
  /** The variables of the graph, already frozen. */
  readonly variables: Variables;
  readonly outputs: readonly string[];
}

export interface FoldedGraph {
  /** The nodes that the outputs need. */
  readonly graph: GraphDef;
  readonly tensors: StrippedTensor[];
  /** Reasons why products by masks could not be folded, by the names of their nodes. */
  readonly left: ReadonlyMap<string, string>;
}

/**
 * Replaces each masked weight of the graph by a constant: first those that are listed or named as masked weights, then every
 * other product of constants by a mask. If the weight was inside a loop or a branch, the constant stands outside and enters
 * through copies of the nodes through which its factors entered.
 *
 * @throws UserError `graph` if a node that is listed or named as a masked weight cannot be computed from constants
 */
export function foldMaskedWeights(graph: GraphDef, { listed, variables, outputs }: FoldOptions): FoldedGraph {
  const left = new Map<string, string>();
  const marked = folded(graph, findMaskedWeights(graph, listed), (evaluator, node) =>
    evaluator.weights(node),
  );
  const rest = keepNeeded(marked.graph, outputs);
  const others = folded(rest, constantProducts(rest, variables, outputs), (evaluator, node) => {
    try {
      return evaluator.weights(node);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      left.set(node.name, error.message);
      return undefined;
    }
  });
  return {
    graph: keepNeeded(others.graph, outputs),
    tensors: [...marked.tensors, ...others.tensors],
    left,
  };
}

type Evaluate = (
  evaluator: WeightEvaluator,
  node: NodeDef,
) => ReturnType<WeightEvaluator['weights']> | undefined;

/** The graph with constants instead of those named nodes that `evaluate` gives a value of. */
function folded(
  graph: GraphDef,
  names: readonly string[],
  evaluate: Evaluate,
): { graph: GraphDef; tensors: StrippedTensor[] } {
  const nodes = nodesByName(graph);
  const evaluator = new WeightEvaluator(nodes);
  const taken = new Set(nodes.keys());
  const constants = names.flatMap((name) => {
    const evaluated = evaluate(evaluator, nodes.get(name)!);
    if (!evaluated) return [];
    const { value, route } = evaluated;
    const entrances = entrancesOf(name, route, taken);
    return [{ name, value, entrances, replacement: [constant(name, value), ...entrances.nodes] }];
  });
  const replacements = new Map(constants.map(({ name, replacement }) => [name, replacement]));
  const inputs = new Map(constants.map(({ name, entrances }) => [name, entrances.input]));
  return {
    graph: withNodes(
      graph,
      graph.node.flatMap((node) => replacements.get(node.name) ?? [withInputs(node, inputs)]),
    ),
    tensors: constants.map(({ name, value }) => ({
      name,
      dtype: value.dtype,
      shape: value.shape,
      values: elementCount(value.shape),
      zeros: countZeros(value),
    })),
  };
}

/** Also counts zeros of float16, which are stored as bits: every zero is +0, whose bits are 0. */
function countZeros({ data }: Weights): number {
  let zeros = 0;
  for (const weight of data) if (weight === 0) zeros++;
  return zeros;
}

/** Copies of a route's nodes that carry the constant `name` into loops and branches, and the input that reads the last of them. */
function entrancesOf(
  name: string,
  route: readonly Passage[],
  taken: Set<string>,
): { nodes: NodeDef[]; input: string } {
  const scope = name.slice(0, name.lastIndexOf('/') + 1);
  const nodes: NodeDef[] = [];
  let input = name;
  for (const { node, output } of route) {
    const copy = freeName(`${scope}${node.op}`, taken);
    taken.add(copy);
    nodes.push(create(NodeDefSchema, { ...node, name: copy, input: [input, ...node.input.slice(1)] }));
    input = output === 0 ? copy : `${copy}:${output}`;
  }
  return { nodes, input };
}

/** The node with the inputs that refer to masked weights replaced as `inputs` says; control inputs follow. */
function withInputs(node: NodeDef, inputs: ReadonlyMap<string, string>): NodeDef {
  const renamed = node.input.map((input) => {
    const { node: name, control } = parseInput(input);
    const instead = inputs.get(name);
    if (instead === undefined) return input;
    return control ? `^${parseInput(instead).node}` : instead;
  });
  return renamed.every((input, index) => input === node.input[index])
    ? node
    : create(NodeDefSchema, { ...node, input: renamed });
}
