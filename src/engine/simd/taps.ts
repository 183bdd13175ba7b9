import type { RowSpan } from './row-spans.ts';

/** Which weight multiplies which input: tap t of channel c reads offset taps[t] and has the index c * channelStep + tapIndex[t]. */
export interface Taps {
  readonly channels: number;
  /** Byte offsets from the place of an output's tap 0. */
  readonly taps: readonly number[];
  readonly tapIndex: readonly number[];
  readonly channelStep: number;
  /** Which taps the rows of outputs read; all of them unless said. */
  readonly spans?: readonly RowSpan[];
}

/** Taps in shared memory. */
export interface PlacedTaps {
  readonly channels: number;
  readonly channelStep: number;
  readonly count: number;
  /** The count rounded up to what the dense weight gradient computes together: it repeats the last tap to get there. */
  readonly padded: number;
  readonly offsets: number;
  readonly index: number;
  readonly spans: readonly RowSpan[] | undefined;
}

/** Where a layer's weights and their mask are, float32 in TensorFlow's order. */
export interface WeightPlaces {
  readonly weights: number;
  readonly mask: number;
}

/** Rows and columns of outputs, and the strides, in bytes, by which a kernel walks over them. */
export interface Grid {
  /** Which row of the outputs is the first; 0 unless said. */
  readonly firstRow?: number;
  readonly rows: number;
  readonly columns: number;
  readonly xRow: number;
  readonly yRow: number;
  readonly yPlane: number;
}

/** Images over which a weight gradient is summed, in one go. */
export interface ImageRange {
  readonly images: number;
  readonly xImage: number;
  readonly dyImage: number;
  /** Whether to add to what is there. */
  readonly accumulate: boolean;
}

export interface ChannelRange {
  readonly first: number;
  readonly end: number;
}

/** Gradients that slices of the batch have left, side by side. */
export interface SliceGradients {
  readonly offset: number;
  readonly count: number;
  /** Bytes from one to the next. */
  readonly step: number;
}
