import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from 'fast-png';
import sharp, { type JpegOptions, type Sharp } from 'sharp';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { readImageFile } from '../../src/cifar10-loader.ts';
import { randomRecords } from './pictures.ts';
import { temporaryFolder } from './temporary.ts';

const picture = randomRecords(1);
const planes = picture.planes(0);
const rgb = picture.rgb(0);
const pngOf = (data: Uint8Array | Uint16Array, width: number, height: number, channels = 3) =>
  encode({ width, height, channels, depth: data instanceof Uint16Array ? 16 : 8, data });

async function read(bytes: Uint8Array, name = 'picture'): Promise<Uint8Array> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, bytes);
  return readImageFile(path);
}

/** Colours of the middles of the four quarters: top left, top right, bottom left, bottom right. */
const quarters = (image: Uint8Array) =>
  [8 * 32 + 8, 8 * 32 + 24, 24 * 32 + 8, 24 * 32 + 24].map((pixel) =>
    [0, 1024, 2048].map((plane) => image[plane + pixel]!),
  );
const COLOURS = {
  a: [170, 90, 80],
  b: [90, 140, 90],
  c: [80, 90, 150],
  d: [190, 180, 110],
} as const;
type Quarter = keyof typeof COLOURS;
const coloursOf = (names: string) => [...names].map((name) => COLOURS[name as Quarter]);

/** A picture of four quarters of one colour each: a b over c d. */
function fourQuarters(width: number, height: number): Sharp {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    const below = pixel >= (width * height) / 2 ? 2 : 0;
    const right = pixel % width >= width / 2 ? 1 : 0;
    return COLOURS['abcd'[below + right] as Quarter][at % 3]!;
  });
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** JPEG is lossy, and CMYK narrower than RGB. */
function expectQuarters(image: Uint8Array, names = 'abcd', tolerance = 4): void {
  expect(image).toHaveLength(3072);
  const distances = quarters(image).map((colour, quarter) =>
    colour.map((value, channel) => Math.abs(value - coloursOf(names)[quarter]![channel]!)),
  );
  expect(Math.max(...distances.flat())).toBeLessThanOrEqual(tolerance);
}

describe('a picture of 32x32', () => {
  test('is taken as it is', async () => {
    expect(await read(pngOf(rgb, 32, 32))).toEqual(planes);
    expect(
      await read(
        await sharp(pngOf(rgb, 32, 32))
          .webp({ lossless: true })
          .toBuffer(),
      ),
    ).toEqual(planes);
  });

  test('with 16 bits keeps the upper eight', async () => {
    const fine = Uint16Array.from(rgb, (value, at) => value * 256 + (at % 256));
    expect(await read(pngOf(fine, 32, 32))).toEqual(planes);
  });

  test('in grey has three equal channels', async () => {
    const grey = planes.subarray(0, 1024);
    const expected = Uint8Array.from([...grey, ...grey, ...grey]);
    expect(await read(pngOf(grey, 32, 32, 1))).toEqual(expected);
    expect(
      await read(
        pngOf(
          Uint16Array.from(grey, (value) => value * 257),
          32,
          32,
          1,
        ),
      ),
    ).toEqual(expected);
    expect(await read(pngOf(Uint8Array.from([...grey].flatMap((value) => [value, 255])), 32, 32, 2))).toEqual(
      expected,
    );
  });

  test('shows white where it is transparent', async () => {
    const pixel = (alpha: number) => [100, 50, 0, alpha];
    const data = Uint8Array.from({ length: 1024 }, (_, at) => (at % 2 ? 0 : 51)).reduce<number[]>(
      (all, alpha) => all.concat(pixel(alpha)),
      [],
    );
    const image = await read(pngOf(Uint8Array.from(data), 32, 32, 4));
    expect([image[0], image[1024], image[2048]]).toEqual([224, 214, 204]);
    expect([image[1], image[1025], image[2049]]).toEqual([255, 255, 255]);
  });

  test('with a palette has the colours of the palette', async () => {
    const bytes = await fourQuarters(32, 32).png({ palette: true, colours: 4, dither: 0 }).toBuffer();
    expect((await sharp(bytes).metadata()).isPalette).toBe(true);
    expectQuarters(await read(bytes));
  });
});

describe('a JPEG picture', () => {
  const jpeg = (options: JpegOptions = {}) => fourQuarters(80, 80).jpeg({ quality: 95, ...options });

  test.each<[string, Sharp, number]>([
    ['baseline', jpeg(), 4],
    ['progressive', jpeg({ progressive: true }), 4],
    ['CMYK', jpeg().toColourspace('cmyk'), 24],
  ])('%s', async (_, written, tolerance) => {
    expectQuarters(await read(await written.toBuffer(), 'wrong-name.png'), 'abcd', tolerance);
  });

  test('in grey', async () => {
    const colours = quarters(await read(await jpeg().greyscale().toBuffer()));
    for (const [red, green, blue] of colours) expect([green, blue]).toEqual([red, red]);
    expect(new Set(colours.map(([red]) => red)).size).toBe(4);
  });

  // From the EXIF standard: which corner of the picture row 0 and column 0 of the file are.
  test.each(
    ['abcd', 'badc', 'dcba', 'cdab', 'acbd', 'cadb', 'dbca', 'bdac'].map(
      (names, at) => [at + 1, names] as const,
    ),
  )('of EXIF orientation %i is turned upright', async (orientation, names) => {
    expectQuarters(await read(await jpeg().withMetadata({ orientation }).toBuffer()), names);
  });
});

describe('a picture of another size', () => {
  test.each([
    ['wide', 100, 32],
    ['tall', 32, 78],
  ])('that is %s keeps the middle of its longer side', async (_, width, height) => {
    const [left, top] = [Math.floor((width - 32) / 2), Math.floor((height - 32) / 2)];
    const data = new Uint8Array(width * height * 3).fill(9);
    for (let row = 0; row < 32; row++)
      data.set(rgb.subarray(row * 96, (row + 1) * 96), ((top + row) * width + left) * 3);
    expect(await read(pngOf(data, width, height))).toEqual(planes);
  });

  test.each([
    [320, 320],
    [400, 200],
    [17, 90],
  ])('of %i x %i is scaled', async (width, height) => {
    expectQuarters(await read(await fourQuarters(width, height).png().toBuffer()));
  });

  test.each([
    [1, 1],
    [1, 3000],
    [3000, 1],
  ])('of %i x %i is enlarged', async (width, height) => {
    const data = new Uint8Array(width * height * 3).fill(70);
    expect(await read(pngOf(data, width, height))).toEqual(new Uint8Array(3072).fill(70));
  });
});

describe('what is no whole picture is refused by name', () => {
  const png = pngOf(rgb, 32, 32);
  const spoilt = png.slice();
  spoilt[png.length >> 1]! ^= 0xff;
  const half = (bytes: Uint8Array) => bytes.subarray(0, bytes.length >> 1);
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32"/>';

  test.each<[string, () => Uint8Array | Promise<Uint8Array>, RegExp]>([
    ['text', () => Buffer.from('hello'), /bad\.png is no PNG, JPEG or WebP picture$/],
    ['nothing', () => new Uint8Array(), /bad\.png is no PNG, JPEG or WebP picture$/],
    ['a drawing', () => Buffer.from(svg), /bad\.png is no PNG, JPEG or WebP picture but svg$/],
    ['an animation', () => fourQuarters(9, 9).gif().toBuffer(), /bad\.png is no .* but gif$/],
    ['half a PNG', () => half(png), /bad\.png cannot be decoded: /],
    ['a PNG with a wrong byte', () => spoilt, /bad\.png cannot be decoded: /],
    [
      'half a JPEG',
      async () => half(await fourQuarters(300, 300).jpeg().toBuffer()),
      /bad\.png cannot be decoded: premature end of JPEG image$/,
    ],
  ])('%s', async (_, bytes, message) => {
    const error = { name: 'UserError', code: 'dataset', message: expect.stringMatching(message) };
    await expect(read(await bytes(), 'bad.png')).rejects.toMatchObject(error);
  });

  test('a folder', async () => {
    const folder = join(await temporaryFolder(), 'pictures');
    await mkdir(folder);
    await expect(readImageFile(folder)).rejects.toThrow(
      `cannot read ${folder}: it is a folder, expected a file`,
    );
  });
});

test('where sharp cannot be loaded, that is said', async () => {
  vi.doMock('sharp', () => {
    throw new Error('no build for this platform');
  });
  onTestFinished(() => void vi.doUnmock('sharp'));
  await expect(read(pngOf(rgb, 32, 32))).rejects.toThrow(
    /^sharp, which reads pictures, cannot be loaded on /,
  );
});
