import type { RowSpan } from './row-spans.ts';

/** Which weight multiplies which input: tap t of channel c multiplies the input at taps[t] by weight c * channelStep + tapIndex[t]. */
export interface Taps {
  readonly channels: number;
  /** Byte offset of each tap's input from the place where the output's window starts. */
  readonly taps: readonly number[];
  readonly tapIndex: readonly number[];
  readonly channelStep: number;
  /** Which taps each output row needs. Default: all taps. */
  readonly spans?: readonly RowSpan[];
}

/** Taps in shared memory, at the addresses `offsets` and `index`. */
export interface PlacedTaps {
  readonly channels: number;
  readonly channelStep: number;
  readonly count: number;
  /** `count` rounded up to `KernelSet.denseTaps`; the last tap is repeated to fill it up. */
  readonly padded: number;
  readonly offsets: number;
  readonly index: number;
  readonly spans: readonly RowSpan[] | undefined;
}

/** Addresses of a layer's weights and of their mask, both float32 in TensorFlow's order. */
export interface WeightPlaces {
  readonly weights: number;
  readonly mask: number;
}

/** Rows and columns of outputs, and the strides in bytes with which a kernel reads x and writes y. */
export interface Grid {
  /** The output row at which the grid begins. Default 0. */
  readonly firstRow?: number;
  readonly rows: number;
  readonly columns: number;
  readonly xRow: number;
  readonly yRow: number;
  readonly yPlane: number;
}

/** Images over which one call sums a weight gradient. `xImage` and `dyImage` are the bytes from one image to the next. */
export interface ImageRange {
  readonly images: number;
  readonly xImage: number;
  readonly dyImage: number;
  /** Whether to add to the target's values instead of replacing them. */
  readonly accumulate: boolean;
}

export interface ChannelRange {
  readonly first: number;
  readonly end: number;
}

/** The gradients of `count` slices of the batch, one after another from `offset` on. */
export interface SliceGradients {
  readonly offset: number;
  readonly count: number;
  /** Bytes from one slice's gradient to the next one's. */
  readonly stride: number;
}
