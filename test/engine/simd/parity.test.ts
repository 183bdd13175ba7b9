import fc from 'fast-check';
import { it } from 'vitest';
import { conv, networkOf, pool } from '../networks.ts';
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

it('engine simd pools channels, some at a time, as TensorFlow.js does', () => {
  // Planes of 2,400 bytes, of which five or fewer fit the cache that they are pooled in.
  const network = networkOf([150, 1, 1], [conv('conv', [3, 1, 1, 7]), pool('pool', 3, 2)], [75, 1, 7]);
  return expectTrainingParity(fc.constant(network), 5, 3);
}, 60_000);
