/**
 * How labelled pictures are stored: record after record of one label byte, then the planes of the channels (red, green, blue), each row
 * by row.
 */
export interface RecordFormat {
  readonly height: number;
  readonly width: number;
  /** Grey, or red, green and blue. */
  readonly channels: 1 | 3;
  /** Labels are 0 to classes - 1. */
  readonly classes: number;
  /** What errors call files of this format. */
  readonly name: string;
  /** In a few words, which files are easily taken for such. */
  readonly mistakenFor?: string;
}

/** [height, width, channels] of what a network takes. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** Bytes of one channel's plane. */
export const planeBytes = ({ height, width }: RecordFormat) => height * width;
export const imageBytes = (format: RecordFormat) => format.channels * planeBytes(format);
/** With the label. */
export const recordBytes = (format: RecordFormat) => 1 + imageBytes(format);
