import { it } from 'vitest';
import { expectParity } from './executor-parity.ts';

it('the executor on SIMD kernels computes what TensorFlow.js does', () => expectParity(50, 5), 120_000);
