import type { WeightedLayer } from '../../model/network.ts';

/**
 * From which sparsity on a kernel that lists the surviving weights beats the register-tiled dense one, as bench/crossover.ts measures
 * it. Constants, not measured in the run: which kernel sums decides the last bits of a result.
 */
const CROSSOVER = {
  conv2d: { outputs: 0.4, weightGradient: 0.25 },
  fully_connected: { outputs: 0.5, weightGradient: 0.1 },
} as const;

/** Whether dense kernels compute a pass's outputs, and its weight gradient. */
export interface KernelMode {
  readonly denseOutputs: boolean;
  readonly denseGradient: boolean;
}

/** @param sparsity fraction of the layer's weights that are pruned */
export function kernelMode(kind: WeightedLayer['kind'], sparsity: number): KernelMode {
  const { outputs, weightGradient } = CROSSOVER[kind];
  return { denseOutputs: sparsity < outputs, denseGradient: sparsity < weightGradient };
}
