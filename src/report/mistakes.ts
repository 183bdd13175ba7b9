import type { Records } from '../dataset/index.ts';
import type { Misclassified } from '../eval/index.ts';
import { pngAddress } from './png.ts';
import type { Mistake } from './report-data.ts';

/** A wrongly classified picture, with its pixels as a PNG file. */
export function mistakeOf({ index, label, top }: Misclassified, records: Records): Mistake {
  const { width, height, channels } = records.format;
  const pixels = { width, height, channels, data: records.rgb(index) };
  return {
    index,
    picture: pngAddress(pixels),
    label,
    top: top.map(({ label: each, probability }) => ({ class: each, probability })),
  };
}
