import { numeric, withLastAxesSwapped } from '../formats/numeric-tensor.ts';
import { isMaskedWeight } from '../strip/index.ts';
import { isVariable, tensorInputs } from '../tensorflow/lookup.ts';
import type { NodeDef } from '../wire/protos.ts';
import { type Tensor, tensorBytes } from '../wire/tensor.ts';
import { OF_CONSTANTS, originsIn, outputOf } from './graph-inputs.ts';
import type { KnownValues } from './known-values.ts';
import { type ModelWeight, runsOfAll, totalUses, unknownShapesNotice } from './model.ts';
import { type Product, products } from './products.ts';

export interface GraphWeights {
  readonly weights: readonly ModelWeight[];
  readonly notices: readonly string[];
}

const MASK = /(^|\/)mask(_\d+)?$/;
/** Most constants and variables that a weight is computed from; in real graphs there are a handful. */
const MOST_SOURCES = 1000;

/** The weights that a graph multiplies by, masked and decoded like in the graph, each once even if it is used several times. */
export function graphWeights(known: KnownValues): GraphWeights {
  const nodes = new Map(known.order.map((node) => [node.name, node]));
  const origin = originsIn(nodes);
  const stored = originsIn(nodes, [...OF_CONSTANTS, 'arranges']);
  const found = products(known, origin);
  const identities = new Map<NodeDef, Identity>();
  const identify = (node: NodeDef) => {
    const identity = identities.get(node) ?? identityOf(node, nodes, known, origin, stored);
    identities.set(node, identity);
    return identity;
  };
  const groups = new Map<string, { readonly node: NodeDef; readonly readers: Product[] }>();
  const groupOf = (node: NodeDef) => {
    const { key } = identify(node);
    const group = groups.get(key) ?? { node, readers: [] };
    groups.set(key, group);
    return group;
  };
  for (const product of found) groupOf(product.weights).readers.push(product);
  // A node that is named like a masked weight counts even if nothing reads it.
  for (const node of known.order)
    if (isMaskedWeight(node.name) && known.constants.has(node.name)) groupOf(node);

  const weights = Array.from(groups.values(), ({ node, readers }): ModelWeight => {
    const { name, shape, masked, sources } = identify(node);
    const value = numeric(known.constants.get(node.name)!);
    return {
      name,
      shape,
      effective: readers.some(({ outputsFirst }) => outputsFirst) ? withLastAxesSwapped(value) : value,
      ...(masked && { masked }),
      storedBytes: sources.reduce((sum, source) => sum + bytesOf(known.constants.get(source.name)), 0),
      uses: totalUses(readers),
      runs: runsOfAll(readers),
    };
  });
  const unknown = found.filter(({ uses }) => uses === undefined).map(({ node }) => node.name);
  return { weights, notices: unknownShapesNotice(unknown) };
}

/** What a weight is: two nodes with the same `key` give the same weights. */
interface Identity {
  readonly key: string;
  readonly name: string;
  /** The shape of the stored weights. */
  readonly shape: readonly number[];
  readonly masked?: ModelWeight['masked'];
  /** The constants and variables that the values are computed from. */
  readonly sources: readonly NodeDef[];
}

function identityOf(
  node: NodeDef,
  nodes: ReadonlyMap<string, NodeDef>,
  { constants }: KnownValues,
  origin: (input: string) => NodeDef,
  stored: (input: string) => NodeDef,
): Identity {
  const arranged = stored(node.name);
  const masked = maskedBy(arranged, constants, origin);
  const sources = sourcesOf(nodes, node);
  if (masked)
    return { key: masked.variable, name: masked.variable, shape: masked.raw.shape, masked, sources };
  const original = isStored(arranged) ? constants.get(arranged.name) : undefined;
  if (original)
    return { key: arranged.name, name: arranged.name, shape: original.shape, sources: [arranged] };
  const { shape, data } = constants.get(node.name)!;
  const principal = principalOf(sources, constants, data.length);
  return { key: principal?.name ?? node.name, name: node.name, shape, sources };
}

/** The largest source of a decoded weight; undefined if the node gives a part of a larger tensor, which counts as a weight of its own. */
function principalOf(
  sources: readonly NodeDef[],
  constants: ReadonlyMap<string, Tensor>,
  elements: number,
): NodeDef | undefined {
  const bytes = ({ name }: NodeDef) => bytesOf(constants.get(name));
  const [largest] = sources.filter(({ name }) => !MASK.test(name)).toSorted((a, b) => bytes(b) - bytes(a));
  return largest && constants.get(largest.name)!.data.length <= elements ? largest : undefined;
}

/** The mask and the raw weights, if the node multiplies two variables of the same shape and one of them is a mask. */
function maskedBy(
  node: NodeDef,
  constants: ReadonlyMap<string, Tensor>,
  origin: (input: string) => NodeDef,
): (NonNullable<ModelWeight['masked']> & { readonly variable: string }) | undefined {
  if (node.op !== 'Mul') return undefined;
  const factors = tensorInputs(node).map((input) => origin(input));
  const mask = factors.find(({ name }) => MASK.test(name));
  const variable = factors.find((factor) => factor !== mask);
  if (!mask || !variable || !isVariable(mask) || !isVariable(variable)) return undefined;
  const [maskValues, raw] = [constants.get(mask.name), constants.get(variable.name)];
  if (!maskValues || !raw || maskValues.shape.join() !== raw.shape.join()) return undefined;
  return { variable: variable.name, mask: numeric(maskValues), raw: numeric(raw) };
}

/** The constants and variables that a constant node is computed from. */
function sourcesOf(nodes: ReadonlyMap<string, NodeDef>, node: NodeDef): NodeDef[] {
  const reached = new Set([node]);
  // A set's iterator also visits what is added on the way.
  for (const one of reached) {
    if (reached.size > MOST_SOURCES) break;
    for (const input of tensorInputs(one)) {
      const producer = outputOf(nodes, input);
      if (producer) reached.add(producer);
    }
  }
  return [...reached].filter(isStored);
}

function isStored(node: NodeDef): boolean {
  return node.op === 'Const' || isVariable(node);
}

function bytesOf(tensor: Tensor | undefined): number {
  return tensor ? tensorBytes(tensor).length : 0;
}
