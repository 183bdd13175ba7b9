import { create, type JsonObject, toJson } from '@bufbuild/protobuf';
import { type Attributes, intListAttr } from '../../graph/index.ts';
import { nodeError } from '../../runtime/node-error.ts';
import {
  AttrValueSchema,
  type GraphDef,
  GraphDefSchema,
  type NodeDef,
  NodeDefSchema,
  TensorProtoSchema,
} from '../../wire/protos.ts';
import { OPERATIONS } from './operations.ts';

const NOT_DILATED = { dilations: intListAttr([1, 1, 1, 1]) };

/** Attributes that TensorFlow takes for granted where a node does not have them, and TensorFlow.js does not. */
const DEFAULTS: Readonly<Record<string, Attributes>> = {
  Conv2D: NOT_DILATED,
  DepthwiseConv2dNative: NOT_DILATED,
};

/**
 * The graph in protobuf's JSON, its constants without their values, which the binary files have.
 *
 * @throws UserError `graph`, naming the node, on an operation that TensorFlow.js does not know
 */
export function topology(graph: GraphDef): JsonObject {
  const unknown = graph.node.find(({ op }) => !OPERATIONS.has(op));
  if (unknown)
    throw nodeError(
      unknown,
      'has an operation that TensorFlow.js does not know',
      'the formats pb and saved_model take any operation',
    );
  const emptied = create(GraphDefSchema, { ...graph, node: graph.node.map(withDefaults).map(withoutValue) });
  return toJson(GraphDefSchema, emptied) as JsonObject;
}

function withDefaults(node: NodeDef): NodeDef {
  const defaults = Object.hasOwn(DEFAULTS, node.op) ? DEFAULTS[node.op] : undefined;
  return defaults ? create(NodeDefSchema, { ...node, attr: { ...defaults, ...node.attr } }) : node;
}

function withoutValue(node: NodeDef): NodeDef {
  const value = node.attr.value?.value;
  if (node.op !== 'Const' || value?.case !== 'tensor') return node;
  const { dtype, tensorShape } = value.value;
  const tensor = create(TensorProtoSchema, { dtype, ...(tensorShape && { tensorShape }) });
  const empty = create(AttrValueSchema, { value: { case: 'tensor', value: tensor } });
  return create(NodeDefSchema, { ...node, attr: { ...node.attr, value: empty } });
}
