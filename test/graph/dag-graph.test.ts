import { expect, test } from 'vitest';
import { trainingGraph } from '../../src/graph/index.ts';
import type { Network } from '../../src/model/network.ts';
import { nodesByName } from '../../src/tensorflow/lookup.ts';
import type { AttrValue } from '../../src/wire/protos.ts';
import { tensorFromProto } from '../../src/wire/tensor.ts';
import { add, concat, conv, pool } from '../engine/networks.ts';

const network: Network = {
  input: [4, 4, 3],
  classes: 24,
  layers: [
    conv('conv', [3, 3, 3, 3], { activation: 'none' }),
    add('sum', ['images', 'conv', 'conv']),
    add('rectified', ['sum', 'images'], 'relu'),
    concat('joined', ['rectified', 'images']),
    pool('pool', 2, 2),
  ],
};
const nodes = nodesByName(trainingGraph(network, 'pruning'));
const nodeNamed = (name: string) => nodes.get(name)!;
const extents = (value: AttrValue | undefined) =>
  value?.value.case === 'list' ? value.value.value.shape[0]!.dim.map(({ size }) => Number(size)) : undefined;

test.each([
  ['sum/add', 'AddV2', ['images', 'conv/conv_2'], [-1, 4, 4, 3]],
  ['sum', 'AddV2', ['sum/add', 'conv/conv_2'], [-1, 4, 4, 3]],
  ['rectified/add', 'AddV2', ['sum', 'images'], [-1, 4, 4, 3]],
  ['rectified', 'Relu', ['rectified/add'], [-1, 4, 4, 3]],
  ['joined', 'ConcatV2', ['rectified', 'images', 'joined/axis'], [-1, 4, 4, 6]],
  ['pool', 'MaxPool', ['joined'], [-1, 2, 2, 6]],
  ['pool/Reshape', 'Reshape', ['pool', 'pool/Reshape/shape'], [-1, 24]],
])('%s is %s', (name, op, input, shape) => {
  expect(nodeNamed(name)).toMatchObject({ op, input });
  expect(extents(nodeNamed(name).attr._output_shapes)).toEqual(shape);
});

test('channels are joined along the last axis', () => {
  const value = nodeNamed('joined/axis').attr.value?.value;
  if (value?.case !== 'tensor') throw new Error('the axis is no constant');
  expect(tensorFromProto(value.value)).toEqual({ dtype: 'int32', shape: [], data: Int32Array.of(3) });
  expect(nodeNamed('joined').attr.N?.value.value).toBe(2n);
});

test('the loss reads the rows of the last output', () => {
  expect(nodeNamed('cross_entropy/per_example').input).toEqual(['pool/Reshape', 'labels']);
});
