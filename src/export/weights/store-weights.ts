import { create } from '@bufbuild/protobuf';
import { constant, node, typeAttr } from '../../graph/index.ts';
import { DataType, type GraphDef, GraphDefSchema, type NodeDef, NodeDefSchema } from '../../wire/protos.ts';
import { dataType, type Tensor } from '../../wire/tensor.ts';
import { partsOf, type WeightFormat } from '../weight-format.ts';
import { putZerosBack, withoutZeros } from './bitmask.ts';
import { encodedBytes } from './encoded-bytes.ts';
import { roundedValues, type StoredValues, storedValues } from './values.ts';
import { expectFloat32Weights, type WeightConstant, weightConstants } from './weight-constants.ts';

const FLOAT = typeAttr(DataType.DT_FLOAT);

/**
 * The graph with its weights stored in a format. Each weight's constant is replaced by nodes that decode it; the last of them
 * has the constant's name and gives float32 values in the same shape, so that nothing else in the graph changes. The nodes are
 * operations of TensorFlow on constants, which TensorFlow folds when it loads the graph. A tensor keeps its zeros if leaving
 * them out would not make it smaller.
 *
 * @throws UserError `argument` on a weight that the format cannot hold, `graph` if the graph is damaged
 */
export function storeWeights(graph: GraphDef, format: WeightFormat): GraphDef {
  if (format === 'dense') return graph;
  expectFloat32Weights(graph);
  const taken = graph.node.map(({ name }) => name);
  return replaceWeights(graph, (weight) => {
    const scope = freeScope(weight.name, taken);
    taken.push(scope);
    return encoded(weight, format, scope);
  });
}

/**
 * The graph with its weights rounded as a format rounds them, still float32 constants; the graph itself if the format does
 * not round.
 *
 * @throws UserError as `storeWeights`
 */
export function roundWeights(graph: GraphDef, format: WeightFormat): GraphDef {
  const { type } = partsOf(format);
  if (type === 'float32') return graph;
  return replaceWeights(graph, (weight) => [constant(weight.name, roundedValues(weight, type))]);
}

function replaceWeights(graph: GraphDef, replace: (weight: WeightConstant) => NodeDef[]): GraphDef {
  const weights = new Map(weightConstants(graph).map((weight) => [weight.name, weight]));
  return create(GraphDefSchema, {
    ...graph,
    node: graph.node.flatMap((old) => {
      const weight = weights.get(old.name);
      return weight ? replace(weight).map((made) => inPlaceOf(old, made)) : [old];
    }),
  });
}

/** Gives `made` the control inputs of the old constant: in a branch or a loop they say where it belongs. */
function inPlaceOf(old: NodeDef, made: NodeDef): NodeDef {
  return made.op === 'Const'
    ? create(NodeDefSchema, { ...made, input: [...made.input, ...old.input] })
    : made;
}

function encoded(weight: WeightConstant, format: WeightFormat, scope: string): NodeDef[] {
  const { sparse, type } = partsOf(format);
  const stored = storedValues(weight, type);
  const finish = (nodes: readonly NodeDef[]) => lastNamed(scaled(nodes, stored, scope), weight.name);
  const dense = finish(floatNodes(stored.values, scope));
  if (!sparse) return dense;
  const tensor = withoutZeros(stored.values);
  const survivors = floatNodes(tensor.survivors, scope);
  const small = finish([...survivors, ...putZerosBack(tensor, survivors.at(-1)!.name, scope)]);
  return encodedBytes(small) < encodedBytes(dense) ? small : dense;
}

/** A constant and, if it is not float32, a cast to float32. */
function floatNodes(values: Tensor, scope: string): NodeDef[] {
  const stored = constant(`${scope}/values`, values);
  if (values.dtype === 'float32') return [stored];
  const types = { DstT: FLOAT, SrcT: typeAttr(dataType(values.dtype)) };
  return [stored, node(`${scope}/floats`, 'Cast', [stored.name], types)];
}

/** The nodes and, if there is a scale, further ones that multiply by it. */
function scaled(nodes: readonly NodeDef[], { scale }: StoredValues, scope: string): NodeDef[] {
  if (!scale) return [...nodes];
  const factors = constant(`${scope}/scale`, scale);
  return [
    ...nodes,
    factors,
    node(`${scope}/scaled`, 'Mul', [nodes.at(-1)!.name, factors.name], { T: FLOAT }),
  ];
}

function lastNamed(nodes: readonly NodeDef[], name: string): NodeDef[] {
  return nodes.with(-1, create(NodeDefSchema, { ...nodes.at(-1)!, name }));
}

/** Prefix for the names of the decoding nodes, without `masked_weight`: tools find masked weights by that word. */
function freeScope(weight: string, taken: readonly string[]): string {
  const wanted = weight.includes('masked_weight')
    ? weight.replaceAll('masked_weight', 'stored')
    : `${weight}/stored`;
  const isTaken = (scope: string) => taken.some((name) => name === scope || name.startsWith(`${scope}/`));
  let scope = wanted;
  for (let number = 1; isTaken(scope); number++) scope = `${wanted}_${number}`;
  return scope;
}
