import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KERNELS, MAX_ARGUMENTS, parametersOf } from '../../src/engine/simd/kernels/signatures.ts';
import { WASM_KERNELS } from '../../src/engine/simd/kernels/wasm/kernels.ts';
import { compileModule, instantiate } from '../../src/engine/simd/kernels/wasm/module.ts';
import { SharedMemory } from '../../src/engine/simd/memory.ts';

const ASSEMBLY = new URL('../../assembly/', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, ASSEMBLY), 'utf8');

/** The names of what index.ts exports. */
function exportedNames(): string[] {
  return [...read('index.ts').matchAll(/export \{([^}]*)\}/g)].flatMap(([, names]) =>
    names!.split(',').map((name) => name.trim()),
  );
}

/** The parameters of every function that a source exports, in order. */
function writtenParameters(): Map<string, string[]> {
  const sources = readdirSync(ASSEMBLY).filter((file) => file.endsWith('.ts'));
  const functions = sources.flatMap((file) => [
    ...read(file).matchAll(/^export function (\w+)\(([^)]*)\): void/gm),
  ]);
  return new Map(
    functions.map(([, name, list]) => [
      name!,
      [...list!.matchAll(/(\w+): (?:usize|i32)\b/g)].map(([, parameter]) => parameter!),
    ]),
  );
}

describe('the table of signatures', () => {
  it('has every kernel that assembly/ exports, and no other', () => {
    expect([...KERNELS].sort()).toEqual(exportedNames().sort());
  });

  it.each(KERNELS)('names the arguments of %s as its source does, in order', (kernel) => {
    expect(parametersOf(kernel).map(({ name }) => name)).toEqual(writtenParameters().get(kernel));
  });

  it('knows how many arguments a kernel takes at most', () => {
    const counts = KERNELS.map((kernel) => parametersOf(kernel).length);
    expect(Math.max(...counts)).toBe(MAX_ARGUMENTS);
  });
});

describe.each([true, false])('the compiled kernels, relaxed SIMD: %s', (relaxed) => {
  it('are those of the table, with as many arguments', () => {
    const { code, build } = compileModule(relaxed);
    expect(build).toBe(relaxed ? 'relaxed SIMD' : 'SIMD');
    const kernels = instantiate(code, new SharedMemory(WASM_KERNELS).memory);
    const exported = Object.keys(kernels).filter((name) => name !== 'memory');
    expect(exported.sort()).toEqual([...KERNELS].sort());
    for (const kernel of KERNELS) expect(kernels[kernel].length, kernel).toBe(parametersOf(kernel).length);
  });
});
