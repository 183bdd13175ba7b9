import { kthLargestMagnitude, nextAbove, smoothThreshold, survivorCount } from './threshold.ts';

export interface MaskAndThreshold {
  /** One value per unit: 1 if it survives, else 0. */
  readonly mask: Float32Array;
  /** A float32. A value survives if |value| >= threshold. */
  readonly threshold: number;
}

/**
 * The mask of a tensor whose weights are pruned one by one, by magnitude: {@link keepLargest} of its weights.
 *
 * @param values at least one, none of them NaN or infinite
 */
export function magnitudeMask(
  values: Float32Array,
  sparsity: number,
  previousThreshold: number,
  decay: number,
): MaskAndThreshold {
  return keepLargest(values, sparsity, previousThreshold, decay);
}

/**
 * Keeps the k largest magnitudes, k = survivorCount(values.length, sparsity), and all values that equal the smallest survivor. With a
 * threshold decay, the threshold is averaged with the previous one, and the values at or above the average survive. If k is 0,
 * nothing survives, and the threshold is just above the largest magnitude.
 *
 * @param values scores of units: at least one, all finite
 */
export function keepLargest(
  values: Float32Array,
  sparsity: number,
  previousThreshold: number,
  decay: number,
): MaskAndThreshold {
  const k = survivorCount(values.length, sparsity);
  const threshold =
    k === 0
      ? nextAbove(kthLargestMagnitude(values, 1))
      : smoothThreshold(kthLargestMagnitude(values, k), previousThreshold, decay);
  const mask = new Float32Array(values.length);
  for (let i = 0; i < mask.length; i++) mask[i] = Math.abs(values[i]!) >= threshold ? 1 : 0;
  return { mask, threshold };
}

/** The fraction of zeros in a mask. */
export function sparsity(mask: Float32Array): number {
  let zeros = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] === 0) zeros += 1;
  return zeros / mask.length;
}

/** A copy of the weights with +0 where the mask is 0 (a product would leave -0 there). */
export function applyMask(weights: Float32Array, mask: Float32Array): Float32Array {
  const masked = new Float32Array(weights.length);
  for (let i = 0; i < masked.length; i++) masked[i] = mask[i] === 0 ? 0 : weights[i]!;
  return masked;
}
