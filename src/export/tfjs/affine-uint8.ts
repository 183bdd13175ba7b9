/** Quantized values. */
export interface AffineUint8 {
  readonly steps: Uint8Array;
  /** A byte b stands for the value b * scale + min. */
  readonly scale: number;
  readonly min: number;
}

const LARGEST_STEP = 255;

/**
 * TensorFlow.js's quantization: 256 evenly spaced values that cover the range of `values` and 0, shifted so that one of them is
 * exactly 0. No value changes by more than half of `scale`.
 *
 * @param values finite
 */
export function affineUint8(values: Float32Array): AffineUint8 {
  const scale = uint8Scale(values);
  const zero = Math.round(-smallest(values) / scale);
  const steps = Uint8Array.from(values, (value) =>
    Math.min(LARGEST_STEP, Math.max(0, Math.round(value / scale) + zero)),
  );
  return { steps, scale, min: -zero * scale };
}

/** The distance between neighbouring quantized values. */
export function uint8Scale(values: Float32Array): number {
  const largest = values.reduce((max, value) => Math.max(max, value), 0);
  return (largest - smallest(values)) / LARGEST_STEP || 1;
}

function smallest(values: Float32Array): number {
  return values.reduce((min, value) => Math.min(min, value), 0);
}
