import { expect, it } from 'vitest';
import { constant, identity, intAttr } from '../../src/graph/index.ts';
import { DataType, type NodeDef } from '../../src/wire/protos.ts';
import { bytesOf, floats, image, op } from './graphs.ts';
import { refusal } from './refusal.ts';

const axis = (...values: number[]) =>
  constant('axis', { dtype: 'int32', shape: values.length === 1 ? [] : [2], data: Int32Array.from(values) });
const joined = (inputs: readonly string[], attributes = {}) => op('y', 'ConcatV2', inputs, attributes);
const both = joined(['images', 'other', 'axis']);

const cases: [string, readonly NodeDef[], string][] = [
  [
    'images of an open batch, one behind the other',
    [image(-1, 2), axis(0), joined(['images', 'images', 'axis'])],
    'node y (ConcatV2) joins [batch, 2], [batch, 2] along axis 0, expected N tensors that fit',
  ],
  [
    'images and a constant without their batch',
    [image(-1, 2), floats('other', [1, 2], [1, 2]), axis(1), both],
    'node y (ConcatV2) joins [batch, 2], [1, 2] along axis 1, expected N tensors that fit',
  ],
  [
    'tensors of several heights',
    [image(1, 2, 3), floats('other', [1, 1, 3], [1, 2, 3]), axis(2), both],
    'node y (ConcatV2) joins [1, 2, 3], [1, 1, 3] along axis 2, expected N tensors that fit',
  ],
  [
    'tensors of several ranks',
    [image(1, 2), floats('other', [2], [1, 2]), axis(1), both],
    'node y (ConcatV2) joins [1, 2], [2] along axis 1, expected N tensors that fit',
  ],
  [
    'another number than it says',
    [image(-1, 2), axis(1), joined(['images', 'images', 'axis'], { N: intAttr(3) })],
    'node y (ConcatV2) joins [batch, 2], [batch, 2] along axis 1, expected N tensors that fit',
  ],
  [
    'an axis that is not there',
    [image(-1, 2), axis(2), joined(['images', 'images', 'axis'])],
    'node y (ConcatV2) has axis 2, expected one of 2 axes',
  ],
  [
    'two axes',
    [image(-1, 2), axis(0, 1), joined(['images', 'images', 'axis'])],
    'node y (ConcatV2) reads int32 of shape [2] as an axis, expected one int32 or int64',
  ],
  [
    'an axis that is computed of the images',
    [image(-1, 2), identity('same', 'images', DataType.DT_FLOAT), joined(['images', 'same'])],
    'node y (ConcatV2) reads an axis from same, expected a constant integer',
  ],
];

it.each(cases)('refuses to join %s', async (_, nodes, message) => {
  expect(await refusal(bytesOf(nodes))).toMatchObject({ code: 'graph', message });
});
