import type { Network } from '../model/network.ts';
import { type PruningState, sparsity } from '../pruning/index.ts';
import { byLayer, masksByLayer } from './progress.ts';

/** How far the weights of a layer are pruned. */
export interface LayerPruning {
  readonly name: string;
  /** How many there are, masked ones included. */
  readonly weights: number;
  /** Fraction of zeros in the mask. */
  readonly sparsity: number;
  readonly threshold: number;
}

/** In the network's order. */
export function pruningByLayer(network: Network, state: PruningState): LayerPruning[] {
  const thresholds = byLayer(network, state.thresholds);
  return [...masksByLayer(network, state)].map(([name, mask]) => ({
    name,
    weights: mask.length,
    sparsity: sparsity(mask),
    threshold: thresholds.get(name)!,
  }));
}

/** Fraction of zeros in all masks together. */
export function overallSparsity(layers: readonly LayerPruning[]): number {
  const weights = layers.reduce((total, layer) => total + layer.weights, 0);
  return layers.reduce((zeros, layer) => zeros + layer.sparsity * layer.weights, 0) / weights;
}
