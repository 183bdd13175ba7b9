import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { knownVariables } from '../../src/strip/mask-variables.ts';
import { MetaGraphDefSchema } from '../../src/wire/protos.ts';
import { float32Tensor, type Tensor } from '../../src/wire/tensor.ts';

const floats = (...values: number[]) => float32Tensor([values.length], Float32Array.from(values));
const halves = (...bits: number[]): Tensor => ({
  dtype: 'float16',
  shape: [bits.length],
  data: Uint16Array.from(bits),
});

it.each<[what: string, name: string, value: Tensor | undefined, isMask: boolean]>([
  ['ones and zeros', 'connections', floats(1, 0, 0, 1), true],
  ['zeros and ones', 'connections', floats(0, 1), true],
  ['a two besides', 'connections', floats(0, 1, 2), false],
  ['a half besides', 'connections', floats(0.5, 1, 0), false],
  ['zeros alone, as offsets are at first', 'beta', floats(0, 0), false],
  ['ones alone, as scales are at first', 'gamma', floats(1, 1), false],
  ['zeros and ones of float16', 'connections', halves(0x3c00, 0), true],
  ['zeros and twos of float16', 'connections', halves(0x4000, 0), false],
  [
    'zeros and ones of int64',
    'connections',
    { dtype: 'int64', shape: [2], data: BigInt64Array.of(0n, 1n) },
    true,
  ],
  ['truth values', 'connections', { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 1) }, true],
  ['no value', 'connections', undefined, false],
  ['the name of a mask', 'fc/mask', floats(1, 1), true],
  ['a place in the collection', 'listed', floats(1, 1), true],
])('a variable with %s, %s, is a mask or not', (_, name, value, isMask) => {
  const metaGraph = create(MetaGraphDefSchema, {
    collectionDef: { masks: { kind: { case: 'nodeList', value: { value: ['listed:0'] } } } },
  });
  const variables = knownVariables([name], metaGraph, new Map(value ? [[name, value]] : []));
  expect(variables.isMask(name)).toBe(isMask);
  expect([name, 'unknown'].map(variables.has)).toEqual([true, false]);
});
