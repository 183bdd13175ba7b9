import { availableParallelism } from 'node:os';
import type { Device } from '../device.ts';
import { compileKernels, describeKernels } from './kernels/kernel-sets.ts';
import { SimdEngine } from './simd-engine.ts';
import { SimdExecutor } from './simd-executor.ts';

/**
 * Opens the simd engine: the kernels of this package on worker threads. What it creates throws UserError `argument` unless the number of
 * threads is a whole number from 1 to 256.
 *
 * @param given number of computing threads, the calling one included; default: the number of available cores
 * @param why why it was chosen; becomes part of the device's reason
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
