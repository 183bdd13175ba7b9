import type { KernelSet } from './kernels/kernel-set.ts';
import { type PaddedPlanes, type Planes, paddedOffset, paddedPlanes, type Window } from './planes.ts';
import { rowSpans } from './row-spans.ts';
import type { Taps } from './taps.ts';

/** [height, width, input channels, output channels], as TensorFlow shapes the weights of a convolution. */
export type KernelShape = readonly [number, number, number, number];

/** How far a convolution's window moves, and how far apart the inputs are that it reads, in rows and columns. */
export interface Steps {
  readonly strides: Pair;
  readonly dilations: Pair;
}

type Pair = readonly [number, number];

/** The planes, padded, that a convolution reads. */
export function convInput(
  kernels: KernelSet,
  { channels, rows, columns }: Planes,
  [height, width]: KernelShape,
  { strides, dilations }: Steps,
  window: Window,
): PaddedPlanes {
  const extent = (axis: 0 | 1, outputs: number, size: number, before: number, inputs: number) =>
    Math.max((outputs - 1) * strides[axis] + (size - 1) * dilations[axis] + 1, before + inputs);
  return paddedPlanes(
    kernels,
    channels,
    extent(0, window.rows, height, window.top, rows),
    extent(1, window.columns, width, window.left, columns),
    { top: window.top, left: window.left, stride: strides[1] },
  );
}

/** Outputs from inputs: one channel an output channel. */
export function forwardTaps(
  [height, width, inputs, outputs]: KernelShape,
  padded: PaddedPlanes,
  { strides, dilations: [down, right] }: Steps,
  input: Planes,
  window: Window,
): Taps {
  const taps: number[] = [];
  const tapIndex: number[] = [];
  for (let row = 0; row < height; row++) {
    for (let channel = 0; channel < inputs; channel++) {
      for (let column = 0; column < width; column++) {
        taps.push(channel * padded.plane + paddedOffset(padded, row * down, column * right));
        tapIndex.push(((row * width + column) * inputs + channel) * outputs);
      }
    }
  }
  const spans = rowSpans({
    rows: window.rows,
    tapRows: height,
    tapsInRow: inputs * width,
    first: 0,
    stride: strides[0],
    step: down,
    image: { first: padded.top, end: padded.top + input.rows },
  });
  return { channels: outputs, taps, tapIndex, channelStep: 1, spans };
}

/**
 * The inputs' gradients of a convolution of stride s: those of every s-th row and column read the same weights, so there are s * s
 * correlations of the outputs' gradient, each with its own share of the weights.
 */
export interface DataGradient {
  /** The outputs' gradient, padded. */
  readonly dy: PaddedPlanes;
  readonly phases: readonly DataGradientPhase[];
}

export interface DataGradientPhase {
  readonly taps: Taps;
  /** Bytes from the padded gradient's start to what the first input reads. */
  readonly start: number;
  /** The first input row and column of this phase; the next ones are a stride apart. */
  readonly firstRow: number;
  readonly firstColumn: number;
  readonly rows: number;
  readonly columns: number;
}

export function dataGradient(
  kernels: KernelSet,
  input: Planes,
  kernel: KernelShape,
  stride: number,
  window: Window,
): DataGradient {
  const [height, width, inputs, outputs] = kernel;
  const vertical = strided(input.rows, height, stride, window.top);
  const horizontal = strided(input.columns, width, stride, window.left);
  const dy = paddedPlanes(
    kernels,
    outputs,
    Math.max(vertical.padded, vertical.reach - 1 + window.rows),
    Math.max(horizontal.padded, horizontal.reach - 1 + window.columns),
    { top: vertical.reach - 1, left: horizontal.reach - 1, stride: 1 },
  );
  const phaseTaps = (row: { from: number; count: number }, rowPhase: number, columnPhase: number): Taps => {
    const taps: number[] = [];
    const tapIndex: number[] = [];
    const every = (extent: number, phase: number) => Math.max(0, Math.ceil((extent - phase) / stride));
    const [tapRows, tapColumns] = [every(height, rowPhase), every(width, columnPhase)];
    for (let up = 0; up < tapRows; up++) {
      for (let channel = 0; channel < outputs; channel++) {
        for (let back = 0; back < tapColumns; back++) {
          const [kernelRow, kernelColumn] = [rowPhase + up * stride, columnPhase + back * stride];
          taps.push(
            channel * dy.plane + paddedOffset(dy, vertical.reach - 1 - up, horizontal.reach - 1 - back),
          );
          tapIndex.push((kernelRow * width + kernelColumn) * inputs * outputs + channel);
        }
      }
    }
    const spans = rowSpans({
      rows: row.count,
      tapRows,
      tapsInRow: outputs * tapColumns,
      first: row.from + vertical.reach - 1,
      stride: 1,
      step: -1,
      image: { first: dy.top, end: dy.top + window.rows },
    });
    return { channels: inputs, taps, tapIndex, channelStep: outputs, spans };
  };
  const phases = vertical.phases.flatMap((row, rowPhase) =>
    horizontal.phases.map((column, columnPhase) => ({
      taps: phaseTaps(row, rowPhase, columnPhase),
      start: paddedOffset(dy, row.from, column.from),
      firstRow: row.first,
      firstColumn: column.first,
      rows: row.count,
      columns: column.count,
    })),
  );
  return { dy, phases: phases.filter(({ rows, columns }) => rows > 0 && columns > 0) };
}

/**
 * One dimension of a data gradient. Input i is hit by weight k from output (i + before - k) / stride, if that is whole: the phase
 * (i + before) mod stride decides which weights those are.
 */
function strided(inputs: number, size: number, stride: number, before: number) {
  const phases = Array.from({ length: stride }, (_, phase) => {
    const from = Math.max(0, Math.ceil((before - phase) / stride));
    const first = from * stride + phase - before;
    return { from, first, count: Math.max(0, Math.ceil((inputs - first) / stride)) };
  });
  const reach = Math.ceil(size / stride);
  const padded = Math.max(...phases.map(({ from, count }) => from + count)) + reach - 1;
  return { phases, reach, padded };
}
