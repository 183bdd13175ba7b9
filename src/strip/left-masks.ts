import type { GraphDef, NodeDef } from '../wire/protos.ts';
import { bodyOrigins } from './functions/argument-origins.ts';
import { type Body, readProgram } from './functions/body.ts';
import { groupsOf } from './functions/calls.ts';
import { isControl, isMasking, type Origin, sourceOf, type Variables } from './origins.ts';

export interface LeftMasksOptions {
  readonly variables: Variables;
  readonly outputs: readonly string[];
  /** Reasons why products of constants could not be folded, by the names of their nodes. */
  readonly left: ReadonlyMap<string, string>;
}

type Origins = ReadonlyMap<string, Origin>;

const described = ({ name, op }: NodeDef, body: Body) =>
  `${body.name === undefined ? '' : `function ${body.name}: `}node ${name} (${op})`;
const sourcesOf = ({ input }: NodeDef) => input.filter((each) => !isControl(each)).map(sourceOf);
const masksOf = (node: NodeDef, origins: Origins) => [
  ...new Set(sourcesOf(node).flatMap((source) => origins.get(source)?.masks ?? [])),
];

/** A warning for each product by a mask, and for every other reader of a mask, that is left in a stripped graph or its functions. */
export function leftMasks(graph: GraphDef, { variables, outputs, left }: LeftMasksOptions): string[] {
  const program = readProgram(graph, outputs);
  const origins = bodyOrigins(program, groupsOf(program), variables);
  const bodies = [program.main, ...program.functions.values()];
  const products = bodies.flatMap((body) => {
    const known = origins.get(body) ?? new Map();
    const masking = [...body.nodes.values()].filter((node) => isMasking(node, known));
    return masking.map((node) => ({ body, node, known, masks: masksOf(node, known) }));
  });
  const multiplied = new Set(products.flatMap(({ masks }) => masks));
  return [
    ...products.map(({ body, node, known, masks }) => {
      const reason = left.get(node.name) ?? reasonOf(node, body, known);
      return `${described(node, body)} still multiplies by the mask ${masks.join(', ')}: ${reason}`;
    }),
    ...bodies.flatMap((body) => {
      const known = origins.get(body) ?? new Map();
      const given = new Set(body.name === undefined ? outputs : []);
      return [...body.nodes.values()].flatMap((node) => {
        const isRead = !known.has(node.name);
        const read = isRead ? masksOf(node, known) : given.has(node.name) ? known.get(node.name)!.masks : [];
        const masks = read.filter((mask: string) => variables.isMask(mask) && !multiplied.has(mask));
        return masks.length > 0
          ? [`${described(node, body)} reads the mask ${masks.join(', ')}, which stays`]
          : [];
      });
    }),
  ];
}

/** Why a product is not constant: names the factor that is not. */
function reasonOf(node: NodeDef, { nodes }: Body, origins: Origins): string {
  const factor = sourcesOf(node).find((source) => !origins.has(source));
  const producer = factor === undefined ? undefined : nodes.get(factor);
  return producer ? `its factor ${producer.name} (${producer.op}) cannot be folded` : 'it cannot be folded';
}
