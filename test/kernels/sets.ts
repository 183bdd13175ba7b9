import type { KernelModule } from '../../src/engine/simd/kernels/kernel-set.ts';
import { kernelSets } from '../../src/engine/simd/kernels/kernel-sets.ts';

/** Every build of every set of kernels that this machine can execute: the same tests ask them all. */
export const MODULES: readonly KernelModule[] = kernelSets().flatMap((kernels) => {
  const [fused, separate] = [kernels.compile(true), kernels.compile(false)];
  return separate.build === fused.build ? [fused] : [fused, separate];
});
