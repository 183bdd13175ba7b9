import { it } from 'vitest';
import { expectParity } from '../engine/simd/executor-parity.ts';

it('the executor on SIMD kernels computes what TensorFlow.js does, of many networks', () =>
  expectParity(400, 6));
