import { create } from '@bufbuild/protobuf';
import {
  type FunctionDef,
  FunctionDef_ArgAttrsSchema,
  type FunctionDefLibrary,
  FunctionDefLibrarySchema,
  FunctionDefSchema,
  type GraphDef,
  GraphDefSchema,
  type NodeDef,
  NodeDefSchema,
} from '../wire/protos.ts';
import { mentioned } from './functions/calls.ts';

/**
 * The graph without the functions that no node calls, such as a data pipeline's, without devices, and without attributes that
 * start with an underscore, such as the colocation with a node that may be gone. Attributes are sorted, so that equal graphs
 * have equal bytes.
 */
export function portable({ node, versions, library }: GraphDef): GraphDef {
  const called = calledFunctions(node, library);
  return create(GraphDefSchema, {
    node: node.map(portableNode),
    ...(versions && { versions }),
    ...(called && { library: called }),
  });
}

/** The functions that nodes call, and those that these call; undefined if there are none. */
function calledFunctions(
  nodes: readonly NodeDef[],
  library: FunctionDefLibrary | undefined,
): FunctionDefLibrary | undefined {
  const functions = new Map(library?.function.map((each) => [each.signature?.name ?? '', each]));
  const called = new Set(nodes.flatMap(mentioned));
  // A set's iterator also visits what is added on the way.
  for (const name of called)
    for (const each of functions.get(name)?.nodeDef.flatMap(mentioned) ?? []) called.add(each);
  const kept = library?.function.filter(({ signature }) => called.has(signature?.name ?? '')) ?? [];
  if (kept.length === 0) return undefined;
  const gradient = library!.gradient.filter(({ functionName }) => called.has(functionName));
  return create(FunctionDefLibrarySchema, { function: kept.map(portableFunction), gradient });
}

function portableFunction(definition: FunctionDef): FunctionDef {
  const { nodeDef, attr, argAttr } = definition;
  return create(FunctionDefSchema, {
    ...definition,
    nodeDef: nodeDef.map(portableNode),
    attr: portableAttributes(attr),
    argAttr: Object.fromEntries(
      Object.entries(argAttr).map(([index, each]) => [
        index,
        create(FunctionDef_ArgAttrsSchema, { attr: portableAttributes(each.attr) }),
      ]),
    ),
  });
}

function portableNode({ name, op, input, attr }: NodeDef): NodeDef {
  return create(NodeDefSchema, { name, op, input, attr: portableAttributes(attr) });
}

function portableAttributes(attr: NodeDef['attr']): NodeDef['attr'] {
  const kept = Object.entries(attr)
    .filter(([key]) => !key.startsWith('_'))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(kept);
}
