import { create } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import { node as graphNode, parseInput, placeholder, typeAttr } from '../graph/index.ts';
import { type DataType, type GraphDef, type NodeDef, NodeDefSchema } from '../wire/protos.ts';
import { withNodes } from './keep-needed.ts';

/** What takes a batch from a training input pipeline. */
const BATCH_SOURCE = /^(Queue(Dequeue|DequeueMany|DequeueUpTo)(V2)?|IteratorGetNext(Sync)?)$/;

/**
 * Replaces by placeholders the nodes that `inputNodes` names or, if it names none, every node that takes a batch from a
 * queue or from an iterator. A placeholder has the node's own name and leaves the number of images open; one for a
 * further output is numbered, `batch_1` for `batch:1`. Placeholders of the graph stay.
 *
 * @throws UserError `argument` if an input node does not say of what type its values are
 */
export function cutInput(graph: GraphDef, inputNodes: readonly string[]): GraphDef {
  const isCut =
    inputNodes.length > 0
      ? ({ name }: NodeDef) => inputNodes.includes(name)
      : ({ op }: NodeDef) => BATCH_SOURCE.test(op);
  const cut = graph.node.filter((node) => isCut(node) && node.op !== 'Placeholder');
  if (cut.length === 0) return graph;
  const taken = new Set(graph.node.map(({ name }) => name));
  const placeholders = new Map(cut.map((node) => [node.name, placeholdersOf(node, graph, taken)]));
  const renamed = (input: string) => {
    const { node, output, control } = parseInput(input);
    return (control ? undefined : placeholders.get(node)?.get(output)?.name) ?? input;
  };
  const nodes = graph.node.flatMap((node) => {
    const instead = placeholders.get(node.name);
    if (instead) return [...instead.values()];
    return [create(NodeDefSchema, { ...node, input: node.input.map(renamed) })];
  });
  return withNodes(graph, nodes);
}

/** A placeholder for each output of `node` that is read, and always for the first. */
function placeholdersOf(node: NodeDef, graph: GraphDef, taken: ReadonlySet<string>): Map<number, NodeDef> {
  const read = graph.node.flatMap(({ input }) =>
    input.map(parseInput).filter((reference) => reference.node === node.name && !reference.control),
  );
  const outputs = new Set([0, ...read.map(({ output }) => output)]);
  return new Map(
    [...outputs].map((output) => {
      const name = output === 0 ? node.name : freeName(`${node.name}_${output}`, taken);
      return [output, placeholderLike(name, node, output)];
    }),
  );
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  return taken.has(wanted) ? freeName(`${wanted}_`, taken) : wanted;
}

function placeholderLike(name: string, node: NodeDef, output: number): NodeDef {
  const type = outputType(node, output);
  if (type === undefined)
    throw new UserError(
      'argument',
      `node ${node.name} (${node.op}) does not say what type output ${output} has, so it cannot be an input`,
      'choose the node that reads from it with --input_node_names',
    );
  const shape = outputShape(node, output);
  if (shape) return placeholder(name, type, [-1, ...shape.slice(1)]);
  return graphNode(name, 'Placeholder', [], { dtype: typeAttr(type) });
}

function outputType({ attr }: NodeDef, output: number): DataType | undefined {
  for (const key of ['component_types', 'output_types', 'Tout']) {
    const value = attr[key]?.value;
    if (value?.case === 'list') return value.value.type[output];
  }
  for (const key of ['DstT', 'out_type', 'dtype', 'T']) {
    const value = attr[key]?.value;
    if (value?.case === 'type') return value.value;
  }
  return undefined;
}

/** The shape if the node notes one with at least the batch's extent. */
function outputShape({ attr }: NodeDef, output: number): number[] | undefined {
  const noted = (attr._output_shapes ?? attr.output_shapes)?.value;
  const shape = noted?.case === 'list' ? noted.value.shape[output] : undefined;
  if (!shape || shape.unknownRank || shape.dim.length === 0) return undefined;
  return shape.dim.map(({ size }) => Number(size));
}
