import { it } from 'vitest';
import { expectDagParity } from '../engine/simd/dag-parity.ts';

it('engine simd trains 600 networks that branch as TensorFlow.js does', () => expectDagParity(600, 13));
