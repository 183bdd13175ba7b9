/**
 * From which sparsity on a kernel that lists the surviving weights beats the register-tiled dense one, as bench/crossover.ts measures
 * it. Constants, not measured in the run: which kernel sums decides the last bits of a result.
 */
export const CROSSOVER = {
  conv2d: { correlation: 0.25, weightGradient: 0.2 },
  fully_connected: { correlation: 0.3, weightGradient: 0.25 },
} as const;
