import { create } from '@bufbuild/protobuf';
import {
  type FunctionDef,
  FunctionDefLibrarySchema,
  FunctionDefSchema,
  type GraphDef,
  GraphDefSchema,
  NodeDefSchema,
} from '../../wire/protos.ts';

/**
 * The graph, with the name of each constant in a function prefixed by the function's name: the binary files hold the constants
 * of the graph and of all functions under one set of names.
 */
export function withOwnConstants(graph: GraphDef): GraphDef {
  if (!graph.library) return graph;
  const library = create(FunctionDefLibrarySchema, { function: graph.library.function.map(renamed) });
  return create(GraphDefSchema, { ...graph, library });
}

function renamed(definition: FunctionDef): FunctionDef {
  const { signature, nodeDef, ret } = definition;
  const constants = new Set(nodeDef.filter(({ op }) => op === 'Const').map(({ name }) => name));
  const named = (name: string) => `${signature?.name}/${name}`;
  const reference = (input: string) => {
    const [, control = '', name = '', rest = ''] = /^(\^?)([^:]*)(.*)$/.exec(input)!;
    return constants.has(name) ? `${control}${named(name)}${rest}` : input;
  };
  return create(FunctionDefSchema, {
    ...definition,
    nodeDef: nodeDef.map((node) =>
      create(NodeDefSchema, {
        ...node,
        name: constants.has(node.name) ? named(node.name) : node.name,
        input: node.input.map(reference),
      }),
    ),
    ret: Object.fromEntries(Object.entries(ret).map(([name, value]) => [name, reference(value)])),
  });
}
