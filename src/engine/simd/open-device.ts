import { availableParallelism } from 'node:os';
import type { Device } from '../device.ts';
import { SimdExecutor } from './executor/executor.ts';
import { compileKernels, describeKernels } from './module.ts';
import { SimdEngine } from './simd-engine.ts';

/**
 * The kernels of this package on WebAssembly and worker threads.
 *
 * @param threads the calling one included; by default as many as there are cores available
 * @param why it was chosen, for the device's reason
 * @throws UserError `argument` unless `threads` is a whole number from 1 to 256
 */
export function openDevice(threads: number = availableParallelism(), why: string): Device {
  return {
    name: 'simd',
    reason: `${describeKernels(compileKernels(true), threads)}, ${why}`,
    createEngine: (network) => new SimdEngine(network, { threads }),
    createExecutor: (plan) => new SimdExecutor(plan, { threads }),
  };
}
