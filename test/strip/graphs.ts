import { create } from '@bufbuild/protobuf';
import {
  boolAttr,
  constant,
  graphDef,
  identity,
  node,
  placeholder,
  shapeAttr,
  stringAttr,
  stringListAttr,
  typeAttr,
  typeListAttr,
} from '../../src/graph/index.ts';
import {
  type CollectionDef,
  CollectionDefSchema,
  DataType,
  type GraphDef,
  type MetaGraphDef,
  MetaGraphDefSchema,
  type NodeDef,
} from '../../src/wire/protos.ts';
import { float32Tensor, type Tensor, tensorFromProto } from '../../src/wire/tensor.ts';

export const FLOAT = typeAttr(DataType.DT_FLOAT);
const T = { T: FLOAT };

export const names = (graph: GraphDef) => graph.node.map(({ name }) => name);
export const find = (graph: GraphDef, name: string) => graph.node.find((node) => node.name === name)!;

export function constantValue(graph: GraphDef, name: string): Tensor {
  const value = find(graph, name).attr.value?.value;
  if (value?.case !== 'tensor') throw new Error(`${name} is no constant`);
  return tensorFromProto(value.value);
}

export function metaGraphOf(nodes: NodeDef[], maskedWeights?: string[]): MetaGraphDef {
  const collectionDef: Record<string, CollectionDef> = {};
  if (maskedWeights)
    collectionDef.masked_weights = create(CollectionDefSchema, {
      kind: { case: 'nodeList', value: { value: maskedWeights } },
    });
  return create(MetaGraphDefSchema, { graphDef: graphDef(nodes), collectionDef });
}

/** A variable held by reference, with its initializer and its read. */
export function refVariable(name: string, shape: number[]): NodeDef[] {
  const beside = { _class: stringListAttr([`loc:@${name}`]) };
  return [
    constant(`${name}/Initializer/Const`, float32Tensor([], Float32Array.of(0))),
    node(name, 'VariableV2', [], {
      dtype: FLOAT,
      shape: shapeAttr(shape),
      container: stringAttr(''),
      shared_name: stringAttr(''),
    }),
    node(`${name}/Assign`, 'Assign', [name, `${name}/Initializer/Const`], {
      ...T,
      use_locking: boolAttr(true),
      ...beside,
    }),
    node(`${name}/read`, 'Identity', [name], { ...T, ...beside }),
  ];
}

/** A resource variable; `readName` is the node that reads it. */
export function resourceVariable(name: string, shape: number[], readName: string): NodeDef[] {
  return [
    node(name, 'VarHandleOp', [], { dtype: FLOAT, shape: shapeAttr(shape), shared_name: stringAttr(name) }),
    node(readName, 'ReadVariableOp', [name], { dtype: FLOAT }),
  ];
}

/** A fully connected layer of three inputs and two outputs, as the original builds it, on device and all. */
export function refLayer(input: string): NodeDef[] {
  const product = node('fc/MatMul', 'MatMul', [input, 'fc/weights/masked_weight'], {
    transpose_b: boolAttr(false),
    transpose_a: boolAttr(false),
    ...T,
  });
  product.device = '/device:GPU:0';
  return [
    ...refVariable('fc/weights', [3, 2]),
    ...refVariable('fc/biases', [2]),
    ...refVariable('fc/mask', [3, 2]),
    ...refVariable('fc/threshold', []),
    node('fc/weights/masked_weight', 'Mul', ['fc/mask/read', 'fc/weights/read'], T),
    product,
    node('fc/fc_2', 'Add', ['fc/MatMul', 'fc/biases/read'], T),
  ];
}

export const images = placeholder('images', DataType.DT_FLOAT, [-1, 3]);

export const refMetaGraph = () =>
  metaGraphOf(
    [images, ...refLayer('images'), node('init', 'NoOp', ['^fc/weights/Assign'])],
    ['fc/weights/masked_weight:0'],
  );

export const resourceMetaGraph = () =>
  metaGraphOf([
    images,
    ...resourceVariable('fc/weights', [3, 2], 'fc/weights/Read/ReadVariableOp'),
    ...resourceVariable('fc/mask', [3, 2], 'fc/weights/masked_weight/ReadVariableOp'),
    ...resourceVariable('fc/biases', [2], 'fc/fc_2/ReadVariableOp'),
    node('fc/weights/masked_weight/ReadVariableOp_1', 'ReadVariableOp', ['fc/weights'], { dtype: FLOAT }),
    node(
      'fc/weights/masked_weight',
      'Mul',
      ['fc/weights/masked_weight/ReadVariableOp', 'fc/weights/masked_weight/ReadVariableOp_1'],
      T,
    ),
    node('fc/MatMul', 'MatMul', ['images', 'fc/weights/masked_weight'], T),
    node('fc/fc_2', 'Add', ['fc/MatMul', 'fc/fc_2/ReadVariableOp'], T),
  ]);

/** The layer behind a queue that gives images and labels, behind another queue, as training pipelines are. */
export function queueMetaGraph(batchNames: { dequeue: string; op: string; types: string }): MetaGraphDef {
  const { dequeue, op, types } = batchNames;
  const pair = typeListAttr([DataType.DT_FLOAT, DataType.DT_INT32]);
  return metaGraphOf([
    node('files', 'FIFOQueueV2', [], { component_types: typeListAttr([DataType.DT_STRING]) }),
    node('next_file', 'QueueDequeueV2', ['files'], { component_types: typeListAttr([DataType.DT_STRING]) }),
    node('records', 'RandomShuffleQueueV2', ['^next_file'], { component_types: pair }),
    node(dequeue, op, ['records'], { [types]: pair }),
    identity('labels', `${dequeue}:1`, DataType.DT_INT32),
    ...refLayer(dequeue),
  ]);
}

export const weights = float32Tensor([3, 2], Float32Array.of(1, -2, 3, -4, 5, -6));
export const mask = float32Tensor([3, 2], Float32Array.of(1, 0, 0, 0, 1, 1));
export const biases = float32Tensor([2], Float32Array.of(0.5, -0.5));
export const values = new Map<string, Tensor>([
  ['fc/weights', weights],
  ['fc/mask', mask],
  ['fc/biases', biases],
]);
