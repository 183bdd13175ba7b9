import { layerOf } from '../model/names.ts';
import { type PruningState, sparsity } from '../pruning/index.ts';

/** How far the weights of a layer are pruned. */
export interface LayerPruning {
  readonly name: string;
  /** How many there are, masked ones included. */
  readonly weights: number;
  /** Fraction of zeros in the mask. */
  readonly sparsity: number;
  readonly threshold: number;
}

/** In the order of the masks. */
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
