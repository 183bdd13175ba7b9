import { expect, it } from 'vitest';
import { describeNotFinite, findNotFinite } from '../../src/wire/not-finite.ts';
import type { Tensor } from '../../src/wire/tensor.ts';

const described = (tensor: Tensor) => {
  const odd = findNotFinite(tensor);
  return odd && describeNotFinite(tensor, odd);
};
const [nan, inf] = [Number.NaN, Number.POSITIVE_INFINITY];

it.each<[Tensor, string | undefined]>([
  [{ dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, -0, 3.4e38, 1e-45) }, undefined],
  [
    { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, nan, 4) },
    'holds NaN at [1, 0], and 1 of its 4 values is NaN or infinite',
  ],
  [
    { dtype: 'float32', shape: [1, 2, 3], data: Float32Array.of(1, 2, 3, 4, -inf, nan) },
    'holds -Infinity at [0, 1, 1], and 2 of its 6 values are NaN or infinite',
  ],
  [{ dtype: 'float64', shape: [], data: Float64Array.of(inf) }, 'holds Infinity'],
  [{ dtype: 'float16', shape: [3], data: Uint16Array.of(0x7bff, 0xfbff, 1) }, undefined],
  [
    { dtype: 'float16', shape: [3], data: Uint16Array.of(0, 0xfc00, 0x7e00) },
    'holds -Infinity at [1], and 2 of its 3 values are NaN or infinite',
  ],
  [{ dtype: 'float16', shape: [1], data: Uint16Array.of(0x7c01) }, 'holds NaN at [0]'],
  [{ dtype: 'int64', shape: [1], data: BigInt64Array.of(1n) }, undefined],
  [{ dtype: 'float32', shape: [0], data: new Float32Array() }, undefined],
])('%o: %s', (tensor, words) => {
  expect(described(tensor)).toBe(words);
});
