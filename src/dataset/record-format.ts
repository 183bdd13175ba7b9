/**
 * How labelled pictures are stored: as records of a label byte and the planes of the channels (red, green, blue), each plane row by row,
 * one byte per value.
 */
export interface RecordFormat {
  readonly height: number;
  readonly width: number;
  /** 1: grey; 3: red, green and blue. */
  readonly channels: 1 | 3;
  /** Labels are 0 to classes - 1. */
  readonly classes: number;
  /** The name of the format in errors, as a noun phrase. */
  readonly name: string;
  /** A clause about files that are easily mistaken for this format. */
  readonly mistakenFor?: string;
}

/** [height, width, channels] of a network's input. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** Bytes of a channel's plane. */
export const planeBytes = ({ height, width }: RecordFormat) => height * width;
export const imageBytes = (format: RecordFormat) => format.channels * planeBytes(format);
/** Bytes of a record, including the label. */
export const recordBytes = (format: RecordFormat) => 1 + imageBytes(format);
