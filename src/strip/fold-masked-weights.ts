import { create } from '@bufbuild/protobuf';
import { constant, freeName, nodesByName, parseInput } from '../graph/index.ts';
import { type GraphDef, type NodeDef, NodeDefSchema } from '../wire/protos.ts';
import { elementCount } from '../wire/tensor.ts';
import { type Passage, WeightEvaluator } from './evaluate.ts';
import { withNodes } from './keep-needed.ts';

/** What a frozen graph holds of one masked weight tensor. */
export interface StrippedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: number;
  readonly zeros: number;
}

/**
 * Puts a constant in the place of each masked weight that the graph has. Where that was inside a loop or a branch, the
 * constant is outside, and nodes of its own let it in as its factors were.
 *
 * @param maskedWeights names of nodes; those not in the graph are passed over
 * @throws UserError `graph` if one cannot be computed from constants
 */
export function foldMaskedWeights(
  graph: GraphDef,
  maskedWeights: readonly string[],
): { graph: GraphDef; tensors: StrippedTensor[] } {
  const nodes = nodesByName(graph);
  const evaluator = new WeightEvaluator(nodes);
  const taken = new Set(nodes.keys());
  const folded = maskedWeights.flatMap((name) => {
    const node = nodes.get(name);
    if (!node) return [];
    const { value, route } = evaluator.weights(node);
    const entrances = entrancesOf(name, route, taken);
    return [{ name, value, entrances, replacement: [constant(name, value), ...entrances.nodes] }];
  });
  const replacements = new Map(folded.map(({ name, replacement }) => [name, replacement]));
  const inputs = new Map(folded.map(({ name, entrances }) => [name, entrances.input]));
  return {
    graph: withNodes(
      graph,
      graph.node.flatMap((node) => replacements.get(node.name) ?? [withInputs(node, inputs)]),
    ),
    tensors: folded.map(({ name, value: { shape, data } }) => ({
      name,
      shape,
      values: elementCount(shape),
      zeros: data.reduce((zeros, weight) => (weight === 0 ? zeros + 1 : zeros), 0),
    })),
  };
}

/** Copies of the passages on a route that take the constant `name` along it, and the input that reads what comes out. */
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

/** The node with `inputs` in the place of what it reads of masked weights, and after what it came after. */
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
