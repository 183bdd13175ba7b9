import type { KernelModule, KernelSet } from './kernel-set.ts';
import { WASM_KERNELS } from './wasm/kernels.ts';

/** All sets of kernels, by name. */
export const KERNEL_SETS: ReadonlyMap<string, KernelSet> = new Map(
  [WASM_KERNELS].map((kernels) => [kernels.name, kernels]),
);

/** Compiles the default set of kernels. @param relaxed whether products and sums may be fused */
export function compileKernels(relaxed: boolean): KernelModule {
  return WASM_KERNELS.compile(relaxed);
}

/** For users: `simd on WebAssembly (relaxed SIMD, 2 threads)`. */
export function describeKernels({ target, build }: KernelModule, threads: number): string {
  return `simd on ${target} (${build}, ${threads} ${threads === 1 ? 'thread' : 'threads'})`;
}
