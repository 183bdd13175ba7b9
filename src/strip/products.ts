import { nodesByName } from '../tensorflow/lookup.ts';
import { walk } from '../tensorflow/order.ts';
import type { GraphDef } from '../wire/protos.ts';
import { isControl, isMasking, originsOf, sourceOf, type Variables } from './origins.ts';

/**
 * The nodes that multiply by a mask, or choose by one, whatever they are named, and depend on nothing but constants. Of
 * several of which one goes into the next only the last is given, unless something else reads another.
 */
export function constantProducts(
  graph: GraphDef,
  variables: Variables,
  outputs: readonly string[],
): string[] {
  const nodes = nodesByName(graph);
  const origins = originsOf(nodes, variables);
  const isProduct = (name: string) => isConstant(name) && isMasking(nodes.get(name)!, origins);
  const isConstant = (name: string) => origins.get(name)?.kind === 'constant';
  // What is read other than on the way to a product, and so has to be there.
  const wanted = new Set(outputs);
  const inOrder = walk(graph.node, (_, input) => nodes.get(sourceOf(input)));
  for (const { name, input } of inOrder.toReversed()) {
    if (isProduct(name) || (isConstant(name) && !wanted.has(name))) continue;
    for (const each of input) if (!isControl(each)) wanted.add(sourceOf(each));
  }
  return graph.node.map(({ name }) => name).filter((name) => wanted.has(name) && isProduct(name));
}
