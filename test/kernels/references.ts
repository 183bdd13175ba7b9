import type { KernelName } from '../../src/engine/simd/kernels/signatures.ts';
import type { KernelTests } from './kernel-test.ts';
import { convolution } from './reference/convolution.ts';
import { elementWise } from './reference/element-wise.ts';
import { gradients } from './reference/gradients.ts';
import { layout } from './reference/layout.ts';
import { loss } from './reference/loss.ts';
import { normalization } from './reference/normalization.ts';
import { packing } from './reference/packing.ts';
import { pooling } from './reference/pooling.ts';

/** One a kernel; a kernel without a test does not compile. */
export const TESTS: KernelTests<KernelName> = {
  ...convolution,
  ...elementWise,
  ...gradients,
  ...layout,
  ...loss,
  ...normalization,
  ...packing,
  ...pooling,
};
