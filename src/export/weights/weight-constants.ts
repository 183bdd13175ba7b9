import { UserError } from '../../errors.ts';
import { isMaskedWeight } from '../../strip/index.ts';
import { inputNode, isSet, nodesByName, parseInput, tensorInputs } from '../../tensorflow/lookup.ts';
import { type Effect, passedInput } from '../../tensorflow/passing.ts';
import { DataType, type GraphDef, type NodeDef } from '../../wire/protos.ts';
import { dtypeOf, type TensorOf, tensorFromProto } from '../../wire/tensor.ts';

/** A constant of a frozen graph that holds a layer's weights. */
export interface WeightConstant {
  /** The node's name. */
  readonly name: string;
  readonly value: TensorOf<'float32'>;
  /** The axes of the layer's outputs: adjacent and ascending. */
  readonly outputAxes: readonly number[];
}

type OutputAxes = (rank: number) => readonly number[];

/** The effects of nodes behind which a constant is still a weight. Not in the list: defaults of inputs, since a default image would look like one. */
const THROUGH: readonly Effect[] = ['asserts', 'branches', 'enters', 'lists', 'refers'];
/** Joins weights along an axis. */
const CONCATENATION = 'ConcatV2';

const LAST: OutputAxes = (rank) => [rank - 1];
const LAST_BUT_ONE: OutputAxes = (rank) => [rank - 2];

/** The operations that read weights: for each input that may be weights, the axes of the layer's outputs. */
const READERS: Readonly<Record<string, Readonly<Record<number, (reader: NodeDef) => OutputAxes>>>> = {
  Conv2D: { 1: () => LAST },
  Conv3D: { 1: () => LAST },
  // [height, width, inputs, multiplier]: one output for each pair of input and multiplier.
  DepthwiseConv2dNative: { 1: () => (rank) => [rank - 2, rank - 1] },
  // A convolution's gradient, as layers that enlarge images use it: [height, width, outputs, inputs].
  Conv2DBackpropInput: { 1: () => LAST_BUT_ONE },
  MatMul: {
    0: (reader) => (isSet(reader, 'transpose_a') ? LAST : LAST_BUT_ONE),
    1: (reader) => (isSet(reader, 'transpose_b') ? LAST_BUT_ONE : LAST),
  },
};

/**
 * The float32 constants that hold weights, in the graph's order: filters of convolutions and matrices of matrix products,
 * read directly or through nodes that pass them on, and constants that are named like masked weights. Scalars and vectors,
 * such as biases, are not weights.
 *
 * @throws UserError `graph` if a node reads one that does not exist, or a constant is damaged
 */
export function weightConstants(graph: GraphDef): WeightConstant[] {
  return weightNodes(graph).flatMap(({ node, outputAxes }) => {
    const value = floatTensor(node);
    if (!value || value.shape.length < 2) return [];
    return [{ name: node.name, value, outputAxes: outputAxes(value.shape.length) }];
  });
}

/** The nodes that are read like weights or named like masked weights, whatever they compute, in the graph's order. */
export function weightNodes(graph: GraphDef): { node: NodeDef; outputAxes: OutputAxes }[] {
  const read = readAsWeights(graph);
  return graph.node.flatMap((node) => {
    const outputAxes = read.get(node) ?? (isMaskedWeight(node.name) ? LAST : undefined);
    return outputAxes ? [{ node, outputAxes }] : [];
  });
}

/** The nodes that operations read as weights, with the axes of outputs; if several read one node, the first decides. */
function readAsWeights(graph: GraphDef): Map<NodeDef, OutputAxes> {
  const nodes = nodesByName(graph);
  const found = new Map<NodeDef, OutputAxes>();
  for (const reader of graph.node) {
    const inputs = Object.hasOwn(READERS, reader.op) ? READERS[reader.op]! : {};
    for (const [index, outputAxes] of Object.entries(inputs)) {
      const input = reader.input[Number(index)];
      if (input === undefined) continue;
      for (const source of sources(nodes, reader, input))
        if (!found.has(source)) found.set(source, outputAxes(reader));
    }
  }
  return found;
}

/** The node that `input` refers to and, if that passes its inputs on or joins them, the nodes of these inputs, and so on. */
function sources(nodes: ReadonlyMap<string, NodeDef>, reader: NodeDef, input: string): Set<NodeDef> {
  const found = new Set<NodeDef>();
  const readers = new Map([[input, reader]]);
  // The loop also visits entries that are added meanwhile.
  for (const [each, consumer] of readers) {
    const node = inputNode(nodes, consumer, each);
    found.add(node);
    const passed = passedInput(node, parseInput(each).output, THROUGH);
    const read = node.op === CONCATENATION ? tensorInputs(node) : passed === undefined ? [] : [passed];
    for (const source of read) if (!readers.has(source)) readers.set(source, node);
  }
  return found;
}

/** @throws UserError `argument` on weights that are not float32: only format `dense` stores them */
export function expectFloat32Weights(graph: GraphDef): void {
  for (const { node } of weightNodes(graph)) {
    const value = node.attr.value?.value;
    if (node.op !== 'Const' || value?.case !== 'tensor') continue;
    const { dtype, tensorShape } = value.value;
    const type = dtypeOf(dtype);
    const isWeight = tensorShape !== undefined && tensorShape.dim.length > 1;
    if (isWeight && (type === 'float16' || type === 'float64'))
      throw new UserError(
        'argument',
        `${node.name} holds weights of ${type}; only float32 can be stored in another way`,
        'Give --weight_format=dense, which keeps their type, and the format pb or saved_model.',
      );
  }
}

function floatTensor({ op, attr }: NodeDef): TensorOf<'float32'> | undefined {
  const value = attr.value?.value;
  if (op !== 'Const' || value?.case !== 'tensor' || value.value.dtype !== DataType.DT_FLOAT) return undefined;
  const tensor = tensorFromProto(value.value);
  return tensor.dtype === 'float32' ? tensor : undefined;
}
