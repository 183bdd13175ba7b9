import { create } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import { node as graphNode, placeholder, typeAttr } from '../graph/index.ts';
import { printable } from '../printable.ts';
import { freeName, nodesByName, parseInput } from '../tensorflow/lookup.ts';
import { type DataType, type GraphDef, type NodeDef, NodeDefSchema } from '../wire/protos.ts';
import { withNodes } from './keep-needed.ts';

/** Operations that take a batch from a training input pipeline: a queue, a tf.data iterator or a staging area. */
const BATCH_SOURCE = /^(Queue(Dequeue|DequeueMany|DequeueUpTo)(V2)?|IteratorGetNext(Sync)?|Unstage)$/;

export const isBatchSource = ({ op }: NodeDef) => BATCH_SOURCE.test(op);

export interface CutGraph {
  readonly graph: GraphDef;
  /** For each replaced node, by name, the names of its placeholders. */
  readonly placeholders: ReadonlyMap<string, readonly string[]>;
}

/**
 * Replaces the nodes that `inputNodes` names by placeholders or, if it names none, every node that takes a batch from a
 * training input pipeline. A placeholder has the node's own name and an open first extent, the number of images; one for
 * a further output is numbered, `batch_1` for `batch:1`. Placeholders of the graph stay.
 *
 * @throws UserError `argument` if no attribute of an input node gives the type of its values
 */
export function cutInput(graph: GraphDef, inputNodes: readonly string[]): CutGraph {
  const isCut = inputNodes.length > 0 ? ({ name }: NodeDef) => inputNodes.includes(name) : isBatchSource;
  const cut = graph.node.filter((node) => isCut(node) && node.op !== 'Placeholder');
  const placeholders = placeholdersOf(cut, graph);
  const renamed = (input: string) => {
    const { node, output, control } = parseInput(input);
    return (control ? undefined : placeholders.get(node)?.get(output)?.name) ?? input;
  };
  const nodes = graph.node.flatMap((node) => {
    const instead = placeholders.get(node.name);
    if (instead) return [...instead.values()];
    return [create(NodeDefSchema, { ...node, input: node.input.map(renamed) })];
  });
  const names = [...placeholders].map(
    ([name, made]) => [name, Array.from(made.values(), (each) => each.name)] as const,
  );
  return { graph: withNodes(graph, nodes), placeholders: new Map(names) };
}

/** For each node a placeholder for each output that is read, and always for the first: control inputs refer to it. */
function placeholdersOf(cut: readonly NodeDef[], graph: GraphDef): Map<string, Map<number, NodeDef>> {
  const nodes = nodesByName(graph);
  const read = new Map(cut.map(({ name }) => [name, new Set([0])]));
  for (const input of graph.node.flatMap((node) => node.input)) {
    const { node, output } = parseInput(input);
    read.get(node)?.add(output);
  }
  const taken = new Set(nodes.keys());
  return new Map(
    cut.map((node) => {
      const made = [...read.get(node.name)!].map((output) => {
        const name = output === 0 ? node.name : freeName(`${node.name}_${output}`, taken);
        taken.add(name);
        return [output, placeholderLike(name, node, output, nodes)] as const;
      });
      return [node.name, new Map(made)];
    }),
  );
}

function placeholderLike(
  name: string,
  node: NodeDef,
  output: number,
  nodes: ReadonlyMap<string, NodeDef>,
): NodeDef {
  const type = outputType(node, output);
  if (type === undefined)
    throw new UserError(
      'argument',
      `node ${printable(node.name)} (${printable(node.op)}) does not say what type output ${output} has, so it cannot be an input`,
      'Choose the node that reads from it with --input_node_names.',
    );
  const shape = outputShape(node, output) ?? queuedShape(node, output, nodes);
  if (shape) return placeholder(name, type, [-1, ...shape.slice(1)]);
  return graphNode(name, 'Placeholder', [], { dtype: typeAttr(type) });
}

function outputType({ attr }: NodeDef, output: number): DataType | undefined {
  for (const key of ['component_types', 'output_types', 'dtypes', 'Tout']) {
    const value = attr[key]?.value;
    if (value?.case === 'list') return value.value.type[output];
  }
  for (const key of ['DstT', 'out_type', 'dtype', 'T']) {
    const value = attr[key]?.value;
    if (value?.case === 'type') return value.value;
  }
  return undefined;
}

/** The shape in the node's attributes; undefined if there is none, its rank is unknown or it is a scalar's. */
export function outputShape({ attr }: NodeDef, output: number): number[] | undefined {
  return listedShape(attr._output_shapes ?? attr.output_shapes, output);
}

/** The shape of what a queue gives: the shape of an element in the queue's attributes, after an open extent if it gives several at once. */
function queuedShape(
  { op, input }: NodeDef,
  output: number,
  nodes: ReadonlyMap<string, NodeDef>,
): number[] | undefined {
  const queue = nodes.get(parseInput(input[0] ?? '').node);
  if (!op.startsWith('QueueDequeue')) return undefined;
  const element = listedShape(queue?.attr.shapes, output);
  return element && /Many|UpTo/.test(op) ? [-1, ...element] : element;
}

function listedShape(attribute: NodeDef['attr'][string] | undefined, index: number): number[] | undefined {
  const shapes = attribute?.value;
  const shape = shapes?.case === 'list' ? shapes.value.shape[index] : undefined;
  if (!shape || shape.unknownRank || shape.dim.length === 0) return undefined;
  return shape.dim.map(({ size }) => Number(size));
}
