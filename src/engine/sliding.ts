/** How a window comes to lie along one axis that it slides over. */
interface Positions {
  /** How many; none where the window fits nowhere. */
  readonly outputs: number;
  /** How much padding the window meets before the first value and after the last. */
  readonly before: number;
  readonly after: number;
}

/**
 * As TensorFlow defines SAME and VALID. SAME has ceil(extent / stride) positions; of the values that are then missing half
 * go before, and an odd one after.
 */
export function slidingAlong(
  extent: number,
  window: number,
  stride: number,
  padding: 'SAME' | 'VALID',
): Positions {
  if (padding === 'VALID')
    return { outputs: Math.max(0, Math.ceil((extent - window + 1) / stride)), before: 0, after: 0 };
  const outputs = Math.ceil(extent / stride);
  const missing = Math.max(0, (outputs - 1) * stride + window - extent);
  return { outputs, before: Math.floor(missing / 2), after: Math.ceil(missing / 2) };
}
