import { encode } from 'fast-png';

/** Bytes of 8 bits a channel, interleaved, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
  readonly data: Uint8Array;
}

/** A picture as the address of a PNG file that it contains. */
export function pngAddress(pixels: Pixels): string {
  const png = encode({ ...pixels, depth: 8 });
  return `data:image/png;base64,${Buffer.from(png.buffer, png.byteOffset, png.length).toString('base64')}`;
}
