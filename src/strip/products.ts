import { nodesByName } from '../tensorflow/lookup.ts';
import { walk } from '../tensorflow/order.ts';
import type { GraphDef } from '../wire/protos.ts';
import { isControl, isMasking, originsOf, sourceOf, type Variables } from './origins.ts';

/**
 * The names of the nodes that multiply by a mask, or select with one, and depend on constants alone, whatever their names. In
 * a chain of such nodes only the last counts, unless something outside the chain reads another.
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
  // Nodes that something other than a product reads: they must stay.
  const wanted = new Set(outputs);
  const inOrder = walk(graph.node, (_, input) => nodes.get(sourceOf(input)));
  for (const { name, input } of inOrder.toReversed()) {
    if (isProduct(name) || (isConstant(name) && !wanted.has(name))) continue;
    for (const each of input) if (!isControl(each)) wanted.add(sourceOf(each));
  }
  return graph.node.map(({ name }) => name).filter((name) => wanted.has(name) && isProduct(name));
}
