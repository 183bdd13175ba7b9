import { layerOf } from '../model/names.ts';
import { type PruningState, sparsity } from '../pruning/index.ts';

/** How much of a layer's weights is pruned. */
export interface LayerPruning {
  readonly name: string;
  /** Number of weights, masked ones included. */
  readonly weights: number;
  /** Fraction of zeros in the mask. */
  readonly sparsity: number;
  readonly threshold: number;
}

/** The pruning of each layer, in the order of the masks. */
export function pruningByLayer({ masks, thresholds }: PruningState): LayerPruning[] {
  return Array.from(masks, ([weights, mask]) => ({
    name: layerOf(weights),
    weights: mask.length,
    sparsity: sparsity(mask),
    threshold: thresholds.get(weights)!,
  }));
}

/** Fraction of zeros in all masks together. */
export function overallSparsity(layers: readonly LayerPruning[]): number {
  const weights = layers.reduce((total, layer) => total + layer.weights, 0);
  return layers.reduce((zeros, layer) => zeros + layer.sparsity * layer.weights, 0) / weights;
}
