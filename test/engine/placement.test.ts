import { expect, it } from 'vitest';
import { placeOperations } from '../../src/engine/placement.ts';
import { trainingGraph } from '../../src/graph/index.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';

it('places on the device what a step computes, layer by layer', () => {
  const { node } = trainingGraph(CIFAR10_NETWORK, 'model_pruning');
  const placed = placeOperations(node, 'tfjs:wasm');
  expect(placed.every(({ device }) => device === 'tfjs:wasm')).toBe(true);
  const lines = placed.filter(({ op }) => op !== 'VariableV2').map(({ name, op }) => `${name}: (${op})`);
  expect(lines.slice(5, 14)).toEqual([
    'conv1/Conv2D: (Conv2D)',
    'conv1/BiasAdd: (BiasAdd)',
    'conv1/conv1_2: (Relu)',
    'pool1: (MaxPool)',
    'norm1: (LRN)',
    'conv2/Conv2D: (Conv2D)',
    'conv2/BiasAdd: (BiasAdd)',
    'conv2/conv2_2: (Relu)',
    'norm2: (LRN)',
  ]);
  expect(lines[0]).toBe('conv1/weights/masked_weight: (Mul)');
  expect(lines.at(-1)).toBe('total_loss: (AddN)');
  expect(lines.filter((line) => /Initializer|save/.test(line))).toEqual([]);
});
