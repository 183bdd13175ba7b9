import { nodesByName, parseInput } from '../graph/index.ts';
import type { MetaGraphDef } from '../wire/protos.ts';

/** TensorFlow numbers a name that is taken: `masked_weight_1`. */
const MASKED_WEIGHT = /(^|\/)masked_weight(_\d+)?$/;

/** Whether a node is named as the original names those that give masked weights. */
export const isMaskedWeight = (name: string) => MASKED_WEIGHT.test(name);

/**
 * The nodes that give masked weights: those the graph lists in its collection `masked_weights`, then those that are named so.
 * The original lists only the first use of a mask, though a layer that is used again masks its weights again.
 */
export function findMaskedWeights({ graphDef, collectionDef }: MetaGraphDef): string[] {
  const nodes = nodesByName(graphDef!);
  const listed = collectionDef.masked_weights?.kind;
  const names =
    listed?.case === 'nodeList' ? listed.value.value.map((tensor) => parseInput(tensor).node) : [];
  const known = names.filter((name) => nodes.has(name));
  return [...new Set([...known, ...[...nodes.keys()].filter(isMaskedWeight)])];
}
