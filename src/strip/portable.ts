import { create } from '@bufbuild/protobuf';
import { type GraphDef, GraphDefSchema, type NodeDef, NodeDefSchema } from '../wire/protos.ts';

/**
 * The graph without what ties it to where it was made: devices, and attributes that start with an underscore, which note
 * things such as colocation with a node that may be gone. Attributes are sorted, so that equal graphs are equal bytes.
 */
export function portable({ node, versions, library }: GraphDef): GraphDef {
  return create(GraphDefSchema, {
    node: node.map(portableNode),
    ...(versions && { versions }),
    ...(library && library.function.length > 0 && { library }),
  });
}

function portableNode({ name, op, input, attr }: NodeDef): NodeDef {
  const kept = Object.entries(attr)
    .filter(([key]) => !key.startsWith('_'))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return create(NodeDefSchema, { name, op, input, attr: Object.fromEntries(kept) });
}
