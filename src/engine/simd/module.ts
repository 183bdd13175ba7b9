import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { Kernels } from './kernels/signatures.ts';

export interface KernelModule {
  readonly module: WebAssembly.Module;
  /** Whether products and sums are fused where the processor can. */
  readonly relaxed: boolean;
}

/** Compiles the kernels: those that use relaxed SIMD if that is wanted and the engine has it, else those that do without. */
export function compileKernels(wantRelaxed: boolean): KernelModule {
  const relaxed = readKernels('relaxed');
  if (wantRelaxed && hasRelaxedSimd(relaxed))
    return { module: new WebAssembly.Module(relaxed), relaxed: true };
  return { module: new WebAssembly.Module(readKernels('plain')), relaxed: false };
}

/** In words, what computes. */
export function describeKernels({ relaxed }: KernelModule, threads: number): string {
  return `simd on WebAssembly (${relaxed ? 'relaxed SIMD' : 'SIMD'}, ${threads} ${threads === 1 ? 'thread' : 'threads'})`;
}

/** Node 20 has relaxed SIMD behind a flag of V8's that is read whenever a module is compiled. */
function hasRelaxedSimd(kernels: Uint8Array<ArrayBuffer>): boolean {
  if (WebAssembly.validate(kernels)) return true;
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(kernels);
}

export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}

function readKernels(build: 'relaxed' | 'plain'): Uint8Array<ArrayBuffer> {
  const folder = extname(import.meta.url) === '.ts' ? '../../../dist/assembly/' : '../../../assembly/';
  const path = fileURLToPath(new URL(`${folder}kernels-${build}.wasm`, import.meta.url));
  if (!existsSync(path)) throw new Error(`no ${path}; "npm run build:kernels" makes it`);
  return new Uint8Array(readFileSync(path));
}
