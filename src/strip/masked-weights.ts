import type { GraphDef, MetaGraphDef, NodeDef } from '../wire/protos.ts';
import { sourceOf } from './origins.ts';

/** TensorFlow adds a number to a name that is taken: `masked_weight_1`. */
const MASKED_WEIGHT = /(^|\/)masked_weight(_\d+)?$/;

/** Whether a node is named like those that give masked weights in TensorFlow's model_pruning. */
export const isMaskedWeight = (name: string) => MASKED_WEIGHT.test(name);

/** Whether a node is named like a masked weight but is not a constant yet. */
export const isUnfolded = ({ name, op }: NodeDef) => isMaskedWeight(name) && op !== 'Const';

/** The nodes that a graph lists in its collection `masked_weights`. */
export function listedMaskedWeights({ collectionDef }: MetaGraphDef): string[] {
  const listed = collectionDef.masked_weights?.kind;
  return listed?.case === 'nodeList' ? listed.value.value.map(sourceOf) : [];
}

/**
 * The nodes that give masked weights: those that are listed and in the graph, then those that are named like them. Names are
 * needed because model_pruning lists only the first use of a mask, but a layer that is used again masks its weights again.
 */
export function findMaskedWeights({ node: nodes }: GraphDef, listed: readonly string[]): string[] {
  const names = new Set(nodes.map(({ name }) => name));
  return [...new Set([...listed.filter((name) => names.has(name)), ...[...names].filter(isMaskedWeight)])];
}
