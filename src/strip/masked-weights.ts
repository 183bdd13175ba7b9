import type { GraphDef, MetaGraphDef, NodeDef } from '../wire/protos.ts';
import { sourceOf } from './origins.ts';

/** TensorFlow numbers a name that is taken: `masked_weight_1`. */
const MASKED_WEIGHT = /(^|\/)masked_weight(_\d+)?$/;

/** Whether a node is named as the original names those that give masked weights. */
export const isMaskedWeight = (name: string) => MASKED_WEIGHT.test(name);

/** Whether a node so named is still to be folded. */
export const isUnfolded = ({ name, op }: NodeDef) => isMaskedWeight(name) && op !== 'Const';

/** The nodes that a graph lists in its collection `masked_weights`. */
export function listedMaskedWeights({ collectionDef }: MetaGraphDef): string[] {
  const listed = collectionDef.masked_weights?.kind;
  return listed?.case === 'nodeList' ? listed.value.value.map(sourceOf) : [];
}

/**
 * The nodes that give masked weights: those that are listed and in the graph, then those that are named so. The original lists
 * only the first use of a mask, though a layer that is used again masks its weights again.
 */
export function findMaskedWeights({ node: nodes }: GraphDef, listed: readonly string[]): string[] {
  const names = new Set(nodes.map(({ name }) => name));
  return [...new Set([...listed.filter((name) => names.has(name)), ...[...names].filter(isMaskedWeight)])];
}
