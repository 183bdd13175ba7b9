import { encode } from 'fast-png';

/** An image: one byte for each channel, channels interleaved, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
  readonly data: Uint8Array;
}

/** An image as a `data:` address of a PNG file. */
export function pngAddress(pixels: Pixels): string {
  const png = encode({ ...pixels, depth: 8 });
  return `data:image/png;base64,${Buffer.from(png.buffer, png.byteOffset, png.length).toString('base64')}`;
}
