import type { Call } from '../program.ts';
import type { ChannelRange, Grid } from '../taps.ts';

/** What computes a layer's outputs, max(floor, bias + the correlation of x). Offsets y and bias are those of channel 0. */
export interface Weights {
  readonly channels: number;
  /** Channels that are computed together: ranges begin at multiples of these. */
  readonly block: number;
  correlate(x: number, y: number, grid: Grid, bias: number, floor: number, range: ChannelRange): Call[];
  /** Of one row of few columns, with the same bits; where a blocking has such. */
  narrow?(x: number, y: number, few: FewColumns, bias: number, floor: number, range: ChannelRange): Call[];
}

export interface FewColumns {
  readonly columns: number;
  readonly yPlane: number;
  /** By how many bits the offsets of taps are shifted. */
  readonly shift: number;
}
