import { create, type JsonObject, toJson } from '@bufbuild/protobuf';
import { type Attributes, intListAttr } from '../../graph/index.ts';
import { nodeError } from '../../tensorflow/node-error.ts';
import { isTable } from '../../tensorflow/tables.ts';
import {
  AttrValueSchema,
  FunctionDefLibrarySchema,
  FunctionDefSchema,
  type GraphDef,
  GraphDefSchema,
  type NodeDef,
  NodeDefSchema,
  TensorProtoSchema,
} from '../../wire/protos.ts';
import { OPERATIONS } from './operations.ts';

const HINT = 'Choose the format pb or saved_model: they take any operation.';
const NOT_DILATED = { dilations: intListAttr([1, 1, 1, 1]) };

/** Defaults of attributes that TensorFlow lets nodes leave out, but TensorFlow.js needs. */
const DEFAULTS: Readonly<Record<string, Attributes>> = {
  Conv2D: NOT_DILATED,
  DepthwiseConv2dNative: NOT_DILATED,
};

/**
 * The graph in protobuf's JSON. Its constants have no values: these are in the binary files.
 *
 * @throws UserError `graph` that names the node, on an operation that TensorFlow.js does not know
 */
export function topology(graph: GraphDef): JsonObject {
  expectKnown(graph.node, '');
  for (const { signature, nodeDef } of graph.library?.function ?? [])
    expectKnown(nodeDef, ` in function ${signature?.name}`);
  const written = (nodes: readonly NodeDef[]) => nodes.map(withDefaults).map(withoutValue);
  const functions = graph.library?.function.map((each) =>
    create(FunctionDefSchema, { ...each, nodeDef: written(each.nodeDef) }),
  );
  const emptied = create(GraphDefSchema, {
    ...graph,
    node: written(graph.node),
    ...(functions && { library: create(FunctionDefLibrarySchema, { function: functions }) }),
  });
  return toJson(GraphDefSchema, emptied) as JsonObject;
}

/** @param where place of the nodes, for the error */
function expectKnown(nodes: readonly NodeDef[], where: string): void {
  for (const node of nodes) {
    if (!OPERATIONS.has(node.op))
      throw nodeError(node, `has an operation${where} that TensorFlow.js does not know`, HINT);
    if (isTable(node))
      throw nodeError(node, `is a lookup table${where}, which this export cannot fill`, HINT);
  }
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
