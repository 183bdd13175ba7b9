import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { cutSlice, joinSlices, resolveSlice, type Slice } from '../../src/checkpoint/slices.ts';
import { TensorSliceProtoSchema } from '../../src/wire/protos.ts';
import { float32Tensor } from '../../src/wire/tensor.ts';

const part = (start: number[], shape: number[], values: number[]): [Slice, Uint8Array] => [
  { start, shape },
  Uint8Array.from(values),
];
const join = (shape: number[], ...parts: [Slice, Uint8Array][]) => joinSlices('uint8', shape, parts);

test('boxes go where they belong', () => {
  const whole = join(
    [2, 2, 3],
    part([0, 0, 0], [2, 2, 2], [0, 1, 3, 4, 6, 7, 9, 10]),
    part([0, 0, 2], [2, 1, 1], [2, 8]),
    part([0, 1, 2], [2, 1, 1], [5, 11]),
  );
  expect(whole).toEqual({
    dtype: 'uint8',
    shape: [2, 2, 3],
    data: Uint8Array.from({ length: 12 }, (_, i) => i),
  });
});

test('a scalar is one box, an empty tensor none', () => {
  expect(join([], part([], [], [7]))?.data).toEqual(Uint8Array.of(7));
  expect(join([0, 3])?.data).toEqual(new Uint8Array());
});

test('elements in no box or in two are refused', () => {
  const left = part([0], [2], [1, 2]);
  expect(join([4], left)).toBeUndefined();
  expect(join([4], left, left)).toBeUndefined();
  expect(join([4], left, part([2], [3], [3, 4, 5]))).toBeUndefined();
  expect(join([4], left, part([2], [2], [3, 4]))?.data).toEqual(Uint8Array.of(1, 2, 3, 4));
});

test.each<[name: string, extent: [start: bigint, length?: bigint][], slice: Slice | undefined]>([
  [
    'a box',
    [
      [1n, 2n],
      [0n, 4n],
    ],
    { start: [1, 0], shape: [2, 4] },
  ],
  ['an axis without length goes to its end', [[1n, 2n], [0n]], { start: [1, 0], shape: [2, 4] }],
  [
    'a box that ends outside',
    [
      [2n, 2n],
      [0n, 4n],
    ],
    undefined,
  ],
  [
    'a box that starts outside',
    [
      [-1n, 2n],
      [0n, 4n],
    ],
    undefined,
  ],
  [
    'a negative length',
    [
      [1n, -1n],
      [0n, 4n],
    ],
    undefined,
  ],
  ['an axis without length that starts later', [[1n, 2n], [1n]], { start: [1, 1], shape: [2, 3] }],
  [
    'an empty box',
    [
      [3n, 0n],
      [0n, 4n],
    ],
    { start: [3, 0], shape: [0, 4] },
  ],
  ['a lower rank', [[0n, 3n]], undefined],
  ['a higher rank', [[0n, 3n], [0n, 4n], [0n]], undefined],
])('%s in a shape of [3, 4]', (_, extent, slice) => {
  const proto = create(TensorSliceProtoSchema, {
    extent: extent.map(([start, length]) => ({
      start,
      ...(length === undefined ? {} : { hasLengthHack: { case: 'length' as const, value: length } }),
    })),
  });
  expect(resolveSlice(proto, [3, 4])).toEqual(slice);
});

test('a slice is cut where it lies', () => {
  const whole = float32Tensor(
    [2, 3, 2],
    Float32Array.from({ length: 12 }, (_, i) => i),
  );
  const cut = cutSlice(whole, { start: [0, 1, 0], shape: [2, 2, 1] });
  expect(cut).toEqual(float32Tensor([2, 2, 1], Float32Array.of(2, 4, 8, 10)));
  expect(cutSlice(float32Tensor([], Float32Array.of(7)), { start: [], shape: [] }).data).toEqual(
    Float32Array.of(7),
  );
});
