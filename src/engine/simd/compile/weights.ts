import type { Call } from '../program.ts';
import type { ChannelRange, Grid } from '../taps.ts';

/** Makes calls that compute a layer's outputs, max(floor, bias + the correlation of x). `y` and `bias` are addresses of channel 0. */
export interface Weights {
  readonly channels: number;
  /** Number of channels that are computed together. Ranges of channels must begin at multiples of it. */
  readonly block: number;
  correlate(x: number, y: number, grid: Grid, bias: number, floor: number, range: ChannelRange): Call[];
  /** Like `correlate`, to the bit, but for a single row of few columns. Present if a blocking has such rows. */
  narrow?(x: number, y: number, few: FewColumns, bias: number, floor: number, range: ChannelRange): Call[];
}

export interface FewColumns {
  readonly columns: number;
  readonly yPlane: number;
  /** The number of bits by which the tap offsets are shifted right. */
  readonly shift: number;
}
