import { availableParallelism } from 'node:os';
import type { Device } from '../device.ts';
import type { KernelsName } from './kernels/kernel-names.ts';
import { compileKernels, describeKernels } from './kernels/kernel-sets.ts';
import { SimdEngine } from './simd-engine.ts';
import { SimdExecutor } from './simd-executor.ts';

/**
 * Opens the simd engine: the kernels of this package on worker threads. What it creates throws UserError `argument` unless the number of
 * threads is a whole number from 1 to 256.
 *
 * @param name the kernels; `auto` takes WebAssembly's
 * @param given number of computing threads, the calling one included; default: the number of available cores
 * @param why why it was chosen; becomes part of the device's reason
 * @throws UserError `engine` if native kernels are named and cannot be used
 */
export function openDevice(name: KernelsName | 'auto', given: number | undefined, why: string): Device {
  const threads = given ?? availableParallelism();
  const kernels = compileKernels(true, name);
  return {
    name: 'simd',
    reason: `${describeKernels(kernels, threads)}, ${why}`,
    isOnGpu: false,
    createEngine: (network) => new SimdEngine(network, { threads, module: kernels }),
    createExecutor: (plan) => new SimdExecutor(plan, { threads, module: kernels }),
  };
}
