import { clearRowEnds, type PaddedPlanes, type Planes } from '../planes.ts';
import type { Call } from '../program.ts';
import type { ChannelRange } from '../taps.ts';

/** Planes that may lie within larger ones, such as the padded planes that a convolution reads. */
export interface ImageLayout extends Planes {
  /** Bytes from the start of the buffer to the first pixel. */
  readonly start: number;
  /** Whether there is padding around the planes, which must stay zero. */
  readonly padded: boolean;
}

/** Images of one layout, one after another from the address `offset` on. */
export interface ImageBuffer {
  readonly layout: ImageLayout;
  readonly offset: number;
  /** Bytes from one image to the next; 0 if all images are computed in the same place, one after another. */
  readonly stride: number;
}

export function plainLayout(image: Planes): ImageLayout {
  return { ...image, start: 0, padded: false };
}

/** A layout without gaps between rows. Kernels store whole vectors, which may reach into the next row: write its rows in order. */
export function compactLayout({ channels, rows, columns, filled }: Planes): ImageLayout {
  const row = 4 * columns;
  const plane = rows * row;
  return { channels, rows, columns, filled, row, plane, bytes: channels * plane, start: 0, padded: false };
}

/** The layout of an image within the padded planes that a convolution of horizontal stride 1 reads. */
export function paddedLayout({ channels, rows, columns, filled }: Planes, padded: PaddedPlanes): ImageLayout {
  const { row, plane, bytes, top, left } = padded;
  return { channels, rows, columns, filled, row, plane, bytes, start: top * row + 4 * left, padded: true };
}

/** Address of the first pixel of an image's first channel. */
export function firstPixel({ offset, stride, layout }: ImageBuffer, image: number): number {
  return offset + image * stride + layout.start;
}

/** For each value of an image, in the order [height, width, channels], its position within the layout, in values. */
export function positionsOf({ channels, rows, columns, row, plane, start }: ImageLayout): number[] {
  const positions: number[] = [];
  for (let r = 0; r < rows; r++)
    for (let column = 0; column < columns; column++)
      for (let channel = 0; channel < channels; channel++)
        positions.push((start + channel * plane + r * row) / 4 + column);
  return positions;
}

/** Calls that clear the padding which kernels have overwritten beyond the ends of rows. */
export function keepPadding(
  layout: ImageLayout,
  target: number,
  channels: ChannelRange,
  rows: { readonly first: number; readonly end: number },
): Call[] {
  if (!layout.padded) return [];
  const written = { ...layout, channels: channels.end - channels.first, rows: rows.end - rows.first };
  return clearRowEnds(written, target + channels.first * layout.plane + rows.first * layout.row);
}
