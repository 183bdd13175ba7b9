import { it } from 'vitest';
import { randomChains } from '../random-chains.ts';
import { randomDags } from '../random-dags.ts';
import { expectTrainingParity } from './training-parity.ts';

it(
  'engine simd trains chains of layers as TensorFlow.js does',
  () => expectTrainingParity(randomChains, 30, 7),
  120_000,
);

it(
  'engine simd trains networks that branch as TensorFlow.js does',
  () => expectTrainingParity(randomDags, 30, 11),
  120_000,
);
