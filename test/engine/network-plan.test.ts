import { expect, test } from 'vitest';
import { frozenPlan, networkPlan } from '../../src/engine/network-plan.ts';
import type { Network } from '../../src/model/network.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import { conv, dense, pool } from './networks.ts';

const network: Network = {
  input: [4, 4, 1],
  classes: 2,
  layers: [
    conv('conv', [3, 3, 1, 2]),
    conv('side', [1, 1, 2, 2], { activation: 'none' }),
    { kind: 'add', name: 'sum', from: ['conv', 'side'], activation: 'relu' },
    { kind: 'concat', name: 'both', from: ['sum', 'conv'] },
    pool('pool', 3, 2),
    dense('logits', 16, 2, { activation: 'none' }),
  ],
};

test('a network is the operations that TensorFlow has for it, in its names', () => {
  const { plan, outputs, weightsOf } = networkPlan(network);
  const { operations } = plan;
  const shown = operations
    .filter(({ compute }) => compute.op !== 'VariableV2')
    .map(({ name, compute, inputs, shape }) => [
      name,
      compute.op,
      inputs.map((at) => operations[at]!.name),
      shape,
    ]);
  expect(shown).toEqual([
    ['images', 'Placeholder', [], [-1, 4, 4, 1]],
    ['conv/weights/masked_weight', 'Mul', ['conv/mask', 'conv/weights'], [3, 3, 1, 2]],
    ['conv/Conv2D', 'Conv2D', ['images', 'conv/weights/masked_weight'], [-1, 4, 4, 2]],
    ['conv/BiasAdd', 'Add', ['conv/Conv2D', 'conv/biases'], [-1, 4, 4, 2]],
    ['conv/conv_2', 'Relu', ['conv/BiasAdd'], [-1, 4, 4, 2]],
    ['side/weights/masked_weight', 'Mul', ['side/mask', 'side/weights'], [1, 1, 2, 2]],
    ['side/Conv2D', 'Conv2D', ['conv/conv_2', 'side/weights/masked_weight'], [-1, 4, 4, 2]],
    ['side/side_2', 'Add', ['side/Conv2D', 'side/biases'], [-1, 4, 4, 2]],
    ['sum/add', 'Add', ['conv/conv_2', 'side/side_2'], [-1, 4, 4, 2]],
    ['sum', 'Relu', ['sum/add'], [-1, 4, 4, 2]],
    ['both', 'ConcatV2', ['sum', 'conv/conv_2'], [-1, 4, 4, 4]],
    ['pool', 'MaxPool', ['both'], [-1, 2, 2, 4]],
    ['logits/Reshape', 'Reshape', ['pool'], [-1, 16]],
    ['logits/weights/masked_weight', 'Mul', ['logits/mask', 'logits/weights'], [16, 2]],
    ['logits/MatMul', 'MatMul', ['logits/Reshape', 'logits/weights/masked_weight'], [-1, 2]],
    ['logits/logits_2', 'Add', ['logits/MatMul', 'logits/biases'], [-1, 2]],
  ]);
  expect(operations[plan.output]!.name).toBe('logits/logits_2');
  expect([...outputs].map(([layer, at]) => [layer, operations[at]!.name])).toEqual([
    ['images', 'images'],
    ['conv', 'conv/conv_2'],
    ['side', 'side/side_2'],
    ['sum', 'sum'],
    ['both', 'both'],
    ['pool', 'pool'],
    ['logits', 'logits/logits_2'],
  ]);
  expect(weightsOf.get('side/mask')).toBe('side/weights');
});

test('every operation comes after what it reads', () => {
  const { operations } = networkPlan(CIFAR10_NETWORK).plan;
  expect(operations.every(({ inputs }, at) => inputs.every((input) => input < at))).toBe(true);
});

test('a frozen plan has the values of variables, and masks by the names of their weights', () => {
  const forward = networkPlan(network);
  const filled = (value: number) => (name: string) => [name, Float32Array.of(value)] as const;
  const weights = ['conv/weights', 'side/weights', 'logits/weights'];
  const biases = ['conv/biases', 'side/biases', 'logits/biases'];
  const variables = new Map([...weights.map(filled(1)), ...biases.map(filled(2))]);
  const { operations, output } = frozenPlan(forward, { variables, masks: new Map(weights.map(filled(3))) });
  expect(output).toBe(forward.plan.output);
  const constants = operations.flatMap(({ name, compute }) =>
    compute.op === 'Const' ? [[name, compute.values[0]]] : [],
  );
  expect(constants.slice(0, 3)).toEqual([
    ['conv/mask', 3],
    ['conv/weights', 1],
    ['conv/biases', 2],
  ]);
  expect(constants).toHaveLength(9);
});
