import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { floatsToBytes, imageProto, type Picture } from '../../src/summary/image.ts';
import { images } from '../../src/summary/index.ts';

const bytesOf = (channels: number, ...values: number[]) => [
  ...floatsToBytes(Float32Array.from(values), channels),
];

describe('floatsToBytes', () => {
  it('scales the largest to 255 where nothing is negative', () => {
    // 255 / 2 = 127.5 a unit, cut to whole bytes
    expect(bytesOf(1, 0, 1, 2, 0.5)).toEqual([0, 127, 255, 63]);
  });

  it('centres at 128 where something is negative', () => {
    // 127 / 2 = 63.5 a unit: 64.5, 128, 159.75, 255, 191.5, 112.125
    expect(bytesOf(3, -1, 0, 0.5, 2, 1, -0.25)).toEqual([64, 128, 159, 255, 191, 112]);
    expect(bytesOf(1, -4, 4, 0)).toEqual([1, 255, 128]);
    // 127 / 4 = 31.75 a unit: 1, 159.75
    expect(bytesOf(1, -4, 1)).toEqual([1, 159]);
  });

  it('shows magnitudes below 1e-6 as nothing', () => {
    expect(bytesOf(1, 0, 9e-7)).toEqual([0, 0]);
    expect(bytesOf(1, -9e-7, 9e-7)).toEqual([128, 128]);
  });

  it('turns a pixel that is not finite red and leaves it out of the scale', () => {
    expect(bytesOf(3, Number.NaN, 1000, -1000, 0, 1, 2)).toEqual([255, 0, 0, 0, 127, 255]);
    expect(bytesOf(4, 0, 0, Number.POSITIVE_INFINITY, 0, 1, 1, 1, 1)).toEqual([
      255, 0, 0, 255, 255, 255, 255, 255,
    ]);
    expect(bytesOf(1, Number.NEGATIVE_INFINITY, 3)).toEqual([255, 255]);
    expect(bytesOf(1, Number.NaN)).toEqual([255]);
  });
});

describe('imageProto', () => {
  it.each([1, 3, 4] as const)('encodes bytes of %d channels as they are', (channels) => {
    const pixels = Uint8Array.from({ length: 2 * 5 * channels }, (_, index) => (index * 37) % 256);
    const { encodedImageString, ...size } = imageProto('t', { height: 2, width: 5, channels, pixels });
    expect(size).toMatchObject({ height: 2, width: 5, colorspace: channels });
    expect(decode(encodedImageString)).toMatchObject({
      height: 2,
      width: 5,
      channels,
      depth: 8,
      data: pixels,
    });
  });

  it('refuses pixels that do not fit the size', () => {
    const picture: Picture = { height: 2, width: 2, channels: 3, pixels: new Uint8Array(11) };
    expect(() => imageProto('t', picture)).toThrow(
      expect.objectContaining({ name: 'UserError', code: 'argument' }),
    );
    expect(() => imageProto('t', picture)).toThrow(
      'image t: 11 values given for 2x2 pixels of 3 channels, expected 12',
    );
    expect(() => imageProto('t', { ...picture, height: 0, pixels: new Uint8Array() })).toThrow(
      'at least one pixel',
    );
  });
});

describe('images', () => {
  const batch: Picture = { height: 1, width: 2, channels: 1, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
  const pixelsOf = (value: ReturnType<typeof images>[number]) =>
    value.value.case === 'image' ? [...decode(value.value.value.encodedImageString).data] : [];

  it('takes the first three pictures of a batch', () => {
    const values = images('images', batch);
    expect(values.map(({ tag }) => tag)).toEqual(['images/image/0', 'images/image/1', 'images/image/2']);
    expect(values.map(pixelsOf)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  it('takes pictures with all their channels', () => {
    const values = images('t', { ...batch, width: 1, channels: 4 });
    expect(values.map(pixelsOf)).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
  });

  it('takes what there is', () => {
    expect(images('images', { ...batch, pixels: batch.pixels.subarray(0, 4) })).toHaveLength(2);
    const one = images('images', { ...batch, pixels: batch.pixels.subarray(0, 2) });
    expect(one.map(({ tag }) => tag)).toEqual(['images/image/0']);
  });

  it('leaves the number out if there can be one only', () => {
    expect(images('images', batch, 1).map(({ tag }) => tag)).toEqual(['images/image']);
  });

  it('refuses a batch that ends inside a picture', () => {
    expect(() => images('t', { ...batch, pixels: batch.pixels.subarray(0, 3) })).toThrow(
      'image t/image/1: 1 values given',
    );
  });
});
