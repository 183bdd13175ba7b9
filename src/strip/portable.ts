import { create } from '@bufbuild/protobuf';
import {
  type FunctionDefLibrary,
  FunctionDefLibrarySchema,
  type GraphDef,
  GraphDefSchema,
  type NodeDef,
  NodeDefSchema,
} from '../wire/protos.ts';

/**
 * The graph without functions that no node calls, such as a data pipeline's, and without what ties it to where it was made:
 * devices, and attributes that start with an underscore, which note such things as colocation with a node that may be gone.
 * Attributes are sorted, so that equal graphs are equal bytes.
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
  return create(FunctionDefLibrarySchema, { function: kept, gradient });
}

/** What may be the name of a function: a node's operation, and functions among its attributes. */
function mentioned({ op, attr }: NodeDef): string[] {
  const functions = Object.values(attr).flatMap(({ value }) => {
    if (value.case === 'func') return [value.value.name];
    return value.case === 'list' ? value.value.func.map(({ name }) => name) : [];
  });
  return [op, ...functions];
}

function portableNode({ name, op, input, attr }: NodeDef): NodeDef {
  const kept = Object.entries(attr)
    .filter(([key]) => !key.startsWith('_'))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return create(NodeDefSchema, { name, op, input, attr: Object.fromEntries(kept) });
}
