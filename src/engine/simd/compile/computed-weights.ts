import { Correlation } from '../correlation.ts';
import type { SharedMemory } from '../memory.ts';
import { copyCall } from '../planes.ts';
import type { Call } from '../program.ts';
import type { ChannelRange, Grid, Taps } from '../taps.ts';
import type { Weights } from './weights.ts';

/** Weights that the graph itself computes. Each run packs them anew; zeros are not skipped. */
export class ComputedWeights implements Weights {
  readonly channels: number;
  readonly block: number;
  readonly #correlation: Correlation;
  readonly #values: number;
  readonly #size: number;

  constructor(memory: SharedMemory, size: number, taps: Taps) {
    const mask = memory.place(new Float32Array(size).fill(1));
    this.channels = taps.channels;
    this.block = memory.kernels.denseChannels;
    this.#size = size;
    this.#values = memory.allocate(4 * size);
    this.#correlation = new Correlation(memory, { weights: this.#values, mask }, taps);
  }

  /** Calls that pack the weights. @param source address of the row-major weights */
  packCalls(source: number): Call[] {
    const all = { first: 0, end: this.channels };
    return [
      copyCall(source, this.#values, this.#size),
      ...this.#correlation.listCalls(all),
      ...this.#correlation.packCalls(all),
    ];
  }

  correlate(x: number, y: number, grid: Grid, bias: number, floor: number, range: ChannelRange): Call[] {
    return this.#correlation.correlate(x, y, grid, bias, floor, range);
  }
}
