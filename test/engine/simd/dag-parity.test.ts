import { it } from 'vitest';
import { expectDagParity } from './dag-parity.ts';

it('engine simd trains networks that branch as TensorFlow.js does', () => expectDagParity(30, 11), 120_000);
