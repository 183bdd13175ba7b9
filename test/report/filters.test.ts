import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { filterPictures } from '../../src/report/filters.ts';

const pixelsOf = (address: string) => {
  expect(address).toMatch(/^data:image\/png;base64,/);
  const { width, height, channels, data } = decode(Buffer.from(address.split(',')[1]!, 'base64'));
  expect(channels).toBe(4);
  const at = (x: number, y: number) => [...data.subarray((y * width + x) * 4, (y * width + x + 1) * 4)];
  return { width, height, at };
};

test('filters stand in rows of 16, masked weights mid-grey, the largest magnitude at an end', () => {
  const kernel = [2, 3, 3, 18];
  const weights = new Float32Array(2 * 3 * 3 * 18).fill(0.5);
  const mask = new Float32Array(weights.length).fill(1);
  const at = (y: number, x: number, channel: number, filter: number) =>
    ((y * 3 + x) * 3 + channel) * 18 + filter;
  weights[at(1, 2, 0, 17)] = -2;
  weights[at(1, 2, 1, 17)] = 1;
  mask[at(1, 2, 2, 17)] = 0;
  // Masked, it does not count.
  weights[at(0, 0, 0, 0)] = 100;
  mask[at(0, 0, 0, 0)] = 0;

  const pictures = filterPictures(kernel, weights, mask);
  const filters = pixelsOf(pictures.weights);
  expect([filters.width, filters.height]).toEqual([16 * 3 + 15, 2 * 2 + 1]);
  // Row 1 of filters begins below the first and a gap; filter 17 is the second in it.
  expect(filters.at(4 + 2, 3 + 1)).toEqual([1, 192, 128, 255]);
  expect(filters.at(0, 0)).toEqual([128, 160, 160, 255]);
  expect(filters.at(3, 0)).toEqual([0, 0, 0, 0]);
  expect(filters.at(0, 2)[3]).toBe(0);
  expect(filters.at(8, 4)[3]).toBe(0);

  const masks = pixelsOf(pictures.masks);
  expect(masks.at(4 + 2, 3 + 1)).toEqual([255, 255, 0, 255]);
  expect(masks.at(0, 0)).toEqual([0, 255, 255, 255]);
});

test('where all is masked, all is mid-grey', () => {
  const { at } = pixelsOf(
    filterPictures([1, 1, 3, 1], Float32Array.of(1, -1, 2), new Float32Array(3)).weights,
  );
  expect(at(0, 0)).toEqual([128, 128, 128, 255]);
});
