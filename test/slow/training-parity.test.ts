import { it } from 'vitest';
import { randomChains } from '../engine/random-chains.ts';
import { randomDags } from '../engine/random-dags.ts';
import { expectTrainingParity } from '../engine/simd/training-parity.ts';

it('engine simd trains 200 chains of layers as TensorFlow.js does', () =>
  expectTrainingParity(randomChains, 200, 17));

it('engine simd trains 200 networks that branch as TensorFlow.js does', () =>
  expectTrainingParity(randomDags, 200, 13));
