import { describe, it } from 'vitest';
import { KERNELS } from '../../src/engine/simd/kernels/signatures.ts';
import { MODULES } from './sets.ts';
import { verifierOf } from './verify.ts';

const RUNS = 60;

describe.each(MODULES)('$target, $build', (module) => {
  const verify = verifierOf(module, RUNS);

  it.each(KERNELS)('%s computes what its reference does, and writes nothing else', (kernel) => {
    verify(kernel);
  });
});
