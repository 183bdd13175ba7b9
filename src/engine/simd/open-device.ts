import { availableParallelism } from 'node:os';
import type { Device } from '../device.ts';
import { compileKernels, describeKernels } from './kernels/kernel-sets.ts';
import { SimdEngine } from './simd-engine.ts';
import { SimdExecutor } from './simd-executor.ts';

/**
 * The kernels of this package on worker threads.
 *
 * @param given computing threads, the calling one included; by default as many as there are cores available
 * @param why it was chosen, for the device's reason
 * @throws UserError `argument` unless `threads` is a whole number from 1 to 256
 */
export function openDevice(given: number | undefined, why: string): Device {
  const threads = given ?? availableParallelism();
  const kernels = compileKernels(true);
  return {
    name: 'simd',
    reason: `${describeKernels(kernels, threads)}, ${why}`,
    isOnGpu: false,
    createEngine: (network) => new SimdEngine(network, { threads, module: kernels }),
    createExecutor: (plan) => new SimdExecutor(plan, { threads, module: kernels }),
  };
}
