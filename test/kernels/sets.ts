import type { KernelModule } from '../../src/engine/simd/kernels/kernel-set.ts';
import { KERNEL_SETS } from '../../src/engine/simd/kernels/kernel-sets.ts';

/** Every build of every set of kernels: the same tests ask them all. */
export const MODULES: readonly KernelModule[] = [...KERNEL_SETS.values()].flatMap((kernels) => [
  kernels.compile(true),
  kernels.compile(false),
]);
