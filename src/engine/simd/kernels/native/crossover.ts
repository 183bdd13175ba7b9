import type { Crossover } from '../kernel-set.ts';

/** For AVX-512 and AVX2, which differ little. Measured by bench/crossover.ts and committed: if each run measured them, the last bits of its results could differ. */
export const CROSSOVER: Crossover = {
  conv2d: { outputs: 0.5, weightGradient: 0.4 },
  fully_connected: { outputs: 0.5, weightGradient: 0.2 },
};
