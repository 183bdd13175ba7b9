import { IMAGE_SIZE, type Records } from '../dataset/index.ts';
import type { Misclassified } from '../eval/index.ts';
import { pngAddress } from './png.ts';
import type { Mistake } from './report-data.ts';

/** A picture that was taken for another class, with the picture itself. */
export function mistakeOf({ index, label, top }: Misclassified, records: Records): Mistake {
  const pixels = { width: IMAGE_SIZE, height: IMAGE_SIZE, channels: 3, data: records.rgb(index) } as const;
  return {
    index,
    picture: pngAddress(pixels),
    label,
    top: top.map(({ label: each, probability }) => ({ class: each, probability })),
  };
}
