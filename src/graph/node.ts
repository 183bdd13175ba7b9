import { create } from '@bufbuild/protobuf';
import { type DataType, type GraphDef, GraphDefSchema, type NodeDef, NodeDefSchema } from '../wire/protos.ts';
import { dataType, type Tensor } from '../wire/tensor.ts';
import { type Attributes, shapeAttr, shapeListAttr, tensorAttr, typeAttr } from './attributes.ts';

/** TensorFlow 1.14 writes this version of the graph format; every later TensorFlow reads it. */
const GRAPH_PRODUCER = 38;

/** A new node. @param inputs names of nodes, `node:1` for an output other than the first, `^node` for a control input */
export function node(name: string, op: string, inputs: readonly string[], attr: Attributes = {}): NodeDef {
  return create(NodeDefSchema, { name, op, input: [...inputs], attr: { ...attr } });
}

/** The node with its output's shape as an attribute, which TensorBoard shows on the edges of the graph. */
export function withOutputShape(plain: NodeDef, shape: readonly number[]): NodeDef {
  return create(NodeDefSchema, { ...plain, attr: { ...plain.attr, _output_shapes: shapeListAttr([shape]) } });
}

export function constant(name: string, value: Tensor): NodeDef {
  return node(name, 'Const', [], { dtype: typeAttr(dataType(value.dtype)), value: tensorAttr(value) });
}

/** @param shape an extent of -1 is open */
export function placeholder(name: string, type: DataType, shape: readonly number[]): NodeDef {
  const plain = node(name, 'Placeholder', [], { dtype: typeAttr(type), shape: shapeAttr(shape) });
  return withOutputShape(plain, shape);
}

/** @param after names of nodes that run before this one; it reads nothing from them */
export function identity(
  name: string,
  input: string,
  type: DataType,
  after: readonly string[] = [],
): NodeDef {
  return node(name, 'Identity', [input, ...after.map((other) => `^${other}`)], { T: typeAttr(type) });
}

export function graphDef(nodes: readonly NodeDef[]): GraphDef {
  return create(GraphDefSchema, { node: [...nodes], versions: { producer: GRAPH_PRODUCER } });
}
