import type { KernelModule, KernelSet } from './kernel-set.ts';
import { WASM_KERNELS } from './wasm/kernels.ts';

/** Every set of kernels, by name. */
export const KERNEL_SETS: ReadonlyMap<string, KernelSet> = new Map(
  [WASM_KERNELS].map((kernels) => [kernels.name, kernels]),
);

/** Compiles the kernels that compute unless others are given. */
export function compileKernels(relaxed: boolean): KernelModule {
  return WASM_KERNELS.compile(relaxed);
}

/** In words, what computes. */
export function describeKernels({ target, build }: KernelModule, threads: number): string {
  return `simd on ${target} (${build}, ${threads} ${threads === 1 ? 'thread' : 'threads'})`;
}
