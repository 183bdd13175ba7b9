import { it } from 'vitest';
import { expectDagParity } from '../engine/simd/dag-parity.ts';

it('engine simd trains 200 networks that branch as TensorFlow.js does', () => expectDagParity(200, 13));
