import { clearRowEnds, type PaddedPlanes, type Planes } from '../planes.ts';
import type { Call } from '../program.ts';
import type { ChannelRange } from '../taps.ts';

/** Planes that may lie within others, such as those with zeros around them that a convolution reads. */
export interface ImageLayout extends Planes {
  /** Bytes from the buffer's beginning to the first pixel. */
  readonly start: number;
  /** Whether there is padding, which has to stay zero. */
  readonly padded: boolean;
}

/** Images side by side, of one layout. */
export interface ImageBuffer {
  readonly layout: ImageLayout;
  readonly offset: number;
  /** Bytes from one image to the next; 0 where they are computed one after the other in the same place. */
  readonly step: number;
}

export function plainLayout(image: Planes): ImageLayout {
  return { ...image, start: 0, padded: false };
}

/** Without anything between rows. What is written to it in whole vectors must be written in order. */
export function compactLayout({ channels, rows, columns, filled }: Planes): ImageLayout {
  const row = 4 * columns;
  const plane = rows * row;
  return { channels, rows, columns, filled, row, plane, bytes: channels * plane, start: 0, padded: false };
}

/** Where an image is within the padding that a convolution of horizontal stride 1 reads. */
export function paddedLayout({ channels, rows, columns, filled }: Planes, padded: PaddedPlanes): ImageLayout {
  const { row, plane, bytes, top, left } = padded;
  return { channels, rows, columns, filled, row, plane, bytes, start: top * row + 4 * left, padded: true };
}

/** Where the first pixel of an image's first channel is. */
export function firstPixel({ offset, step, layout }: ImageBuffer, image: number): number {
  return offset + image * step + layout.start;
}

/** The place of each of an image's values, [height, width, channels], among those of its layout. */
export function positionsOf({ channels, rows, columns, row, plane, start }: ImageLayout): number[] {
  const positions: number[] = [];
  for (let r = 0; r < rows; r++)
    for (let column = 0; column < columns; column++)
      for (let channel = 0; channel < channels; channel++)
        positions.push((start + channel * plane + r * row) / 4 + column);
  return positions;
}

/** Makes the padding zero that kernels have overwritten beyond the rows' ends. */
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
