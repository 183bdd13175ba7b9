import { UserError } from '../../../errors.ts';
import type { KernelsName } from './kernel-names.ts';
import type { KernelModule, KernelSet } from './kernel-set.ts';
import { nativeAddon } from './native/addon.ts';
import { nativeKernels } from './native/kernels.ts';
import { WASM_KERNELS } from './wasm/kernels.ts';

/** All sets of kernels that this machine can execute: WebAssembly's, then those of native code, the fastest first. */
export function kernelSets(): KernelSet[] {
  const addon = nativeAddon();
  return [WASM_KERNELS, ...(typeof addon === 'string' ? [] : nativeKernels(addon))];
}

/** The set of this name. @throws UserError `engine` if it is a native one and cannot be used */
export function kernelSetNamed(name: string): KernelSet {
  if (name === WASM_KERNELS.name) return WASM_KERNELS;
  return nativeSets().find((kernels) => kernels.name === name)!;
}

/**
 * Compiles a set of kernels.
 *
 * @param relaxed whether products and sums may be fused; native kernels always fuse them
 * @param name `auto` takes WebAssembly's
 * @throws UserError `engine` if native kernels are named and cannot be used
 */
export function compileKernels(relaxed: boolean, name: KernelsName | 'auto' = 'auto'): KernelModule {
  return (name === 'native' ? nativeSets()[0]! : WASM_KERNELS).compile(relaxed);
}

function nativeSets(): KernelSet[] {
  const addon = nativeAddon();
  if (typeof addon !== 'string') return nativeKernels(addon);
  throw new UserError(
    'engine',
    `native kernels cannot be used: ${addon}`,
    'Choose --kernels=wasm, which needs nothing.',
  );
}

/** For users: `simd on WebAssembly (relaxed SIMD, 2 threads)`. */
export function describeKernels({ target, build }: KernelModule, threads: number): string {
  return `simd on ${target} (${build}, ${threads} ${threads === 1 ? 'thread' : 'threads'})`;
}
