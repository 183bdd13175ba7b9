/** The positions of a window that slides along one axis. */
interface Positions {
  /** Number of positions; 0 if the window does not fit. */
  readonly outputs: number;
  /** Padding before the first value and after the last, in values. */
  readonly before: number;
  readonly after: number;
}

/**
 * Positions as TensorFlow defines SAME and VALID. SAME has ceil(extent / stride) positions; half of the padding that they need
 * goes before the first value, and the odd one after the last.
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
