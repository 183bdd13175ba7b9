import type { Crossover } from '../kernel-set.ts';

/** As bench/crossover.ts measures it. Constants, not measured in the run: which kernel sums decides the last bits of a result. */
export const CROSSOVER: Crossover = {
  conv2d: { outputs: 0.4, weightGradient: 0.25 },
  fully_connected: { outputs: 0.5, weightGradient: 0.1 },
};
