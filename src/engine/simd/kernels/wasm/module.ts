import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { Kernels } from './caller.ts';

/** Compiles the kernels: the build with relaxed SIMD if it is wanted and this Node supports it, else the build without. */
export function compileModule(wantRelaxed: boolean): { code: WebAssembly.Module; build: string } {
  const relaxed = readKernels('relaxed');
  if (wantRelaxed && hasRelaxedSimd(relaxed))
    return { code: new WebAssembly.Module(relaxed), build: 'relaxed SIMD' };
  return { code: new WebAssembly.Module(readKernels('plain')), build: 'SIMD' };
}

/** In Node 20 a flag of V8 enables relaxed SIMD. V8 reads the flag at each compilation, so it can be set here. */
function hasRelaxedSimd(kernels: Uint8Array<ArrayBuffer>): boolean {
  if (WebAssembly.validate(kernels)) return true;
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(kernels);
}

export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}

function readKernels(build: 'relaxed' | 'plain'): Uint8Array<ArrayBuffer> {
  const folder =
    extname(import.meta.url) === '.ts' ? '../../../../../dist/assembly/' : '../../../../../assembly/';
  const path = fileURLToPath(new URL(`${folder}kernels-${build}.wasm`, import.meta.url));
  if (!existsSync(path)) throw new Error(`no ${path}; "npm run build:kernels" makes it`);
  return new Uint8Array(readFileSync(path));
}
