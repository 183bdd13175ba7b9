/** The tests of all kernels on native ones, for where Vitest does not run, such as an emulated processor: see scripts/kernels-on-arm.sh. */
import fc from 'fast-check';
import { kernelSets } from '../../src/engine/simd/kernels/kernel-sets.ts';
import { KERNELS } from '../../src/engine/simd/kernels/signatures.ts';
import { verifierOf } from './verify.ts';

const RUNS = 20;
fc.configureGlobal({ seed: 7 });

const native = kernelSets().filter(({ name }) => name.startsWith('native-'));
if (native.length === 0) throw new Error('there are no native kernels');
for (const kernels of native) {
  const module = kernels.compile(true);
  const verify = verifierOf(module, RUNS);
  for (const kernel of KERNELS) verify(kernel);
  console.log(
    `${module.target}, ${module.build}: ${KERNELS.length} kernels compute what their references do`,
  );
}
