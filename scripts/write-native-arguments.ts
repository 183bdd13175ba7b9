/** Writes native/arguments.h, what kernels take as C++ structs, from their signatures. */
import { writeFileSync } from 'node:fs';
import {
  KERNELS,
  type KernelName,
  parametersOf,
  signatureText,
} from '../src/engine/simd/kernels/signatures.ts';

const structName = (kernel: KernelName) => kernel[0]!.toUpperCase() + kernel.slice(1);

function structOf(kernel: KernelName): string {
  const fields = parametersOf(kernel).map(({ name }) => `  uint32_t ${name};\n`);
  return `struct ${structName(kernel)} {\n${fields.join('')}};\n`;
}

const entries = KERNELS.map(
  (kernel) => `  ENTRY(${kernel}, ${structName(kernel)}, "${signatureText(kernel)}")`,
);
const text = `/*
 * What kernels take, in the order of programs' words. Written by scripts/write-native-arguments.ts from
 * src/engine/simd/kernels/signatures.ts, which documents it.
 */
#pragma once

#include <stdint.h>

${KERNELS.map(structOf).join('\n')}
/** All kernels, in the order of their numbers in programs, with the names of their arguments. */
#define EACH_KERNEL(ENTRY) \\
${entries.join(' \\\n')}
`;
writeFileSync(new URL('../native/arguments.h', import.meta.url), text);
