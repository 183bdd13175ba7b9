import { nodesByName } from '../graph/index.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';
import { isControl, isMasking, type Origin, originsOf, sourceOf, type Variables } from './origins.ts';

export interface LeftMasksOptions {
  readonly variables: Variables;
  readonly outputs: readonly string[];
  /** Why products of constants are left, by the names of their nodes. */
  readonly left: ReadonlyMap<string, string>;
}

type Origins = ReadonlyMap<string, Origin>;

const described = ({ name, op }: NodeDef) => `node ${name} (${op})`;
const sourcesOf = ({ input }: NodeDef) => input.filter((each) => !isControl(each)).map(sourceOf);
const masksOf = (node: NodeDef, origins: Origins) => [
  ...new Set(sourcesOf(node).flatMap((source) => origins.get(source)?.masks ?? [])),
];

/** Says of each product by a mask, and of whatever else reads a mask, that a stripped graph still has it. */
export function leftMasks(graph: GraphDef, { variables, outputs, left }: LeftMasksOptions): string[] {
  const nodes = nodesByName(graph);
  const origins = originsOf(nodes, variables);
  const given = new Set(outputs);
  const products = graph.node.filter((node) => isMasking(node, origins));
  const multiplied = new Set(products.flatMap((node) => masksOf(node, origins)));
  const others = graph.node.flatMap((node) => {
    const isOutput = given.has(node.name);
    const isRead = !origins.has(node.name) && !products.includes(node);
    const read = isRead ? masksOf(node, origins) : isOutput ? (origins.get(node.name)?.masks ?? []) : [];
    const masks = read.filter((mask) => variables.isMask(mask) && !multiplied.has(mask));
    return masks.length > 0 ? [`${described(node)} reads the mask ${masks.join(', ')}, which stays`] : [];
  });
  const stillMasking = products.map(
    (node) =>
      `${described(node)} still multiplies by the mask ${masksOf(node, origins).join(', ')}: ${
        left.get(node.name) ?? reasonOf(node, nodes, origins)
      }`,
  );
  return [...stillMasking, ...others];
}

/** Why a product is not constant: what it reads that is not. */
function reasonOf(node: NodeDef, nodes: ReadonlyMap<string, NodeDef>, origins: Origins): string {
  const factor = sourcesOf(node).find((source) => !origins.has(source));
  const producer = factor === undefined ? undefined : nodes.get(factor);
  return producer ? `its factor ${producer.name} (${producer.op}) cannot be folded` : 'it cannot be folded';
}
