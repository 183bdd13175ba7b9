import type { KernelSet } from './kernels/kernel-set.ts';
import { type PaddedPlanes, type Planes, paddedOffset, paddedPlanes, type Window } from './planes.ts';
import { rowSpans } from './row-spans.ts';
import type { Taps } from './taps.ts';

/** [height, width, input channels, output channels], the shape of a convolution's weights in TensorFlow. */
export type KernelShape = readonly [number, number, number, number];

/** Strides and dilations of a convolution, each [rows, columns] in pixels. */
export interface Steps {
  readonly strides: Pair;
  readonly dilations: Pair;
}

type Pair = readonly [number, number];

/** The layout of the padded planes that a convolution reads. */
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

/** The taps of the forward pass. Channels are output channels. */
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
 * How the gradient of a convolution's input is computed. With stride s, the inputs whose rows are equal modulo s, and whose columns are,
 * read the same weights. So the gradient is s * s correlations of the outputs' gradient, each with its own share of the weights.
 */
export interface DataGradient {
  /** Layout of the outputs' gradient, padded. */
  readonly dy: PaddedPlanes;
  readonly residues: readonly Residue[];
}

/** The inputs whose rows and columns have the same residues modulo the stride. */
export interface Residue {
  readonly taps: Taps;
  /** Byte offset, within the padded gradient, from which the first input's taps count. */
  readonly start: number;
  /** The first input row and column; the others follow at distances of the stride. */
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
  const tapsOf = (row: { from: number; count: number }, rowResidue: number, columnResidue: number): Taps => {
    const taps: number[] = [];
    const tapIndex: number[] = [];
    const every = (extent: number, residue: number) => Math.max(0, Math.ceil((extent - residue) / stride));
    const [tapRows, tapColumns] = [every(height, rowResidue), every(width, columnResidue)];
    for (let up = 0; up < tapRows; up++) {
      for (let channel = 0; channel < outputs; channel++) {
        for (let back = 0; back < tapColumns; back++) {
          const [kernelRow, kernelColumn] = [rowResidue + up * stride, columnResidue + back * stride];
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
  const residues = vertical.residues.flatMap((row, rowResidue) =>
    horizontal.residues.map((column, columnResidue) => ({
      taps: tapsOf(row, rowResidue, columnResidue),
      start: paddedOffset(dy, row.from, column.from),
      firstRow: row.first,
      firstColumn: column.first,
      rows: row.count,
      columns: column.count,
    })),
  );
  return { dy, residues: residues.filter(({ rows, columns }) => rows > 0 && columns > 0) };
}

/**
 * One axis of a data gradient. Weight k connects input i with output (i + before - k) / stride, if that is a whole number. So the residue
 * (i + before) mod stride decides which weights an input reads.
 */
function strided(inputs: number, size: number, stride: number, before: number) {
  const residues = Array.from({ length: stride }, (_, residue) => {
    const from = Math.max(0, Math.ceil((before - residue) / stride));
    const first = from * stride + residue - before;
    return { from, first, count: Math.max(0, Math.ceil((inputs - first) / stride)) };
  });
  const reach = Math.ceil(size / stride);
  const padded = Math.max(...residues.map(({ from, count }) => from + count)) + reach - 1;
  return { residues, reach, padded };
}
