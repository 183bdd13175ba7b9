import { expect, test } from 'vitest';
import type { TfjsEntry } from '../../../src/formats/tfjs/manifest.ts';
import { readTfjsGroup } from '../../../src/formats/tfjs/tensors.ts';

const read = (weights: readonly TfjsEntry[], ...bytes: number[]) =>
  readTfjsGroup({ paths: ['a'], weights }, Buffer.from(bytes), 'the files');

test('text is passed over, quantized values are decoded', () => {
  const { tensors, unread } = read(
    [
      { name: 'text', shape: [2], dtype: 'string' },
      {
        name: 'steps',
        shape: [2],
        dtype: 'float32',
        quantization: { dtype: 'uint16', scale: 0.5, min: -1 },
      },
      { name: 'flag', shape: [], dtype: 'bool' },
      { name: 'half', shape: [1], dtype: 'float32', quantization: { dtype: 'float16' } },
    ],
    ...[1, 0, 0, 0, 97, 0, 0, 0, 0],
    ...[2, 0, 0, 1],
    1,
    ...[0, 0x3c],
  );
  expect(unread).toBeUndefined();
  expect(tensors.map(({ entry, tensor, bytes }) => [entry.name, tensor?.dtype, bytes])).toEqual([
    ['text', undefined, 9],
    ['steps', 'float32', 4],
    ['flag', 'bool', 1],
    ['half', 'float32', 2],
  ]);
  expect(tensors.map(({ tensor }) => tensor && Array.from(tensor.data, Number))).toEqual([
    undefined,
    [0, 127],
    [1],
    [1],
  ]);
});

test('a type of unknown size ends the reading, and files that are cut short are an error', () => {
  const W = { name: 'w', shape: [1], dtype: 'float32' };
  const odd = { name: 'odd', shape: [1], dtype: 'complex64' };
  const { tensors, unread } = read([W, odd, W], 0, 0, 0x80, 0x3f);
  expect(tensors).toHaveLength(1);
  expect(unread).toBe(odd);
  expect(() => read([W, W], 0, 0, 0x80, 0x3f)).toThrow('the files end within w');
});
