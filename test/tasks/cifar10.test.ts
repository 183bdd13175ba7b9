import { expect, test } from 'vitest';
import { CIFAR10 } from '../../src/tasks/cifar10.ts';

const { learningRate, averageDecay } = CIFAR10.recipe;

test('the learning rate falls to a tenth every 350 epochs', () => {
  expect(learningRate(0)).toBe(0.1);
  expect(learningRate(136_717)).toBe(0.1);
  expect(learningRate(136_718)).toBeCloseTo(0.01, 12);
});

test('averages follow quickly at first', () => {
  expect(averageDecay(1)).toBe(2 / 11);
  expect(averageDecay(90)).toBe(0.91);
  expect(averageDecay(1_000_000)).toBe(0.9999);
});
