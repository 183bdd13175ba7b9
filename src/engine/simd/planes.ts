import { slidingAlong } from '../sliding.ts';
import type { KernelSet } from './kernels/kernel-set.ts';
import { roundUp } from './memory.ts';
import type { Call } from './program.ts';

const FLOAT = 4;

/** An image as one plane a channel, in rows of whole vectors; the values that fill a row up are zero. Strides are bytes. */
export interface Planes {
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
  /** The columns that kernels compute: whole vectors. */
  readonly filled: number;
  readonly row: number;
  readonly plane: number;
  readonly bytes: number;
}

export function planes({ lanes }: KernelSet, channels: number, rows: number, columns: number): Planes {
  const filled = roundUp(columns, lanes);
  const row = FLOAT * filled;
  return { channels, rows, columns, filled, row, plane: rows * row, bytes: channels * rows * row };
}

/**
 * Planes with zeros around them, as a convolution of this stride reads them: each row holds the columns 0, s, 2s... first, then 1, s + 1...,
 * so that the inputs of neighbouring outputs are neighbours.
 */
export interface PaddedPlanes {
  readonly stride: number;
  readonly top: number;
  readonly left: number;
  readonly row: number;
  /** From the columns of one phase to those of the next. */
  readonly phase: number;
  readonly plane: number;
  readonly bytes: number;
}

export function paddedPlanes(
  { lanes, planePitch }: KernelSet,
  channels: number,
  rows: number,
  columns: number,
  { top, left, stride }: { top: number; left: number; stride: number },
): PaddedPlanes {
  const phase = FLOAT * roundUp(Math.ceil(columns / stride), lanes);
  const row = phase * stride;
  const plane = planePitch(rows * row);
  return { stride, top, left, row, phase, plane, bytes: channels * plane };
}

/** Byte offset of a padded row and column within a plane. */
export function paddedOffset(layout: PaddedPlanes, row: number, column: number): number {
  const { stride, phase } = layout;
  return row * layout.row + (column % stride) * phase + Math.floor(column / stride) * FLOAT;
}

/** Copies so many values that lie side by side. */
export function copyCall(source: number, target: number, count: number): Call {
  return {
    kernel: 'copyStrided',
    source,
    target,
    planes: 1,
    rows: 1,
    columns: count,
    sourcePlane: 0,
    sourceRow: 0,
    sourceColumn: 4,
    targetPlane: 0,
    targetRow: 0,
    targetColumn: 4,
  };
}

/** y = a + b over so many values that lie side by side; y may be a or b. */
export function addCall(a: number, b: number, y: number, count: number): Call {
  const sizes = { n0: 1, n1: 1, n2: 1, n3: count };
  const strides = { a0: 0, a1: 0, a2: 0, a3: 4, b0: 0, b1: 0, b2: 0, b3: 4 };
  return { kernel: 'add', a, b, y, ...sizes, ...strides };
}

/** Copies planes to others of the same size. */
export function copyPlanesCall(from: Planes, source: number, to: Planes, target: number): Call {
  const { channels, rows, columns } = from;
  return {
    kernel: 'copyStrided',
    source,
    target,
    planes: channels,
    rows,
    columns,
    sourcePlane: from.plane,
    sourceRow: from.row,
    sourceColumn: FLOAT,
    targetPlane: to.plane,
    targetRow: to.row,
    targetColumn: FLOAT,
  };
}

/** Copies planes into their padding. */
export function padCalls(from: Planes, source: number, to: PaddedPlanes, target: number): Call[] {
  return Array.from({ length: to.stride }, (_, phase): Call => {
    const first = (((phase - to.left) % to.stride) + to.stride) % to.stride;
    return {
      kernel: 'copyStrided',
      source: source + FLOAT * first,
      target: target + paddedOffset(to, to.top, first + to.left),
      planes: from.channels,
      rows: from.rows,
      columns: Math.max(0, Math.ceil((from.columns - first) / to.stride)),
      sourcePlane: from.plane,
      sourceRow: from.row,
      sourceColumn: FLOAT * to.stride,
      targetPlane: to.plane,
      targetRow: to.row,
      targetColumn: FLOAT,
    };
  });
}

/** Copies an image, [height, width, channels], to planes. */
export function toPlanesCall(source: number, to: Planes, target: number): Call {
  const { channels, rows, columns, plane, row } = to;
  const pixel = FLOAT * channels;
  return {
    kernel: 'copyStrided',
    source,
    target,
    planes: channels,
    rows,
    columns,
    sourcePlane: FLOAT,
    sourceRow: columns * pixel,
    sourceColumn: pixel,
    targetPlane: plane,
    targetRow: row,
    targetColumn: FLOAT,
  };
}

/** Copies planes to an image, [height, width, channels]. @param imageChannels of the image, if it has more */
export function toImageCall(
  from: Planes,
  source: number,
  target: number,
  imageChannels: number = from.channels,
): Call {
  const { channels, rows, columns, plane, row } = from;
  const pixel = FLOAT * imageChannels;
  return {
    kernel: 'copyStrided',
    source,
    target,
    planes: channels,
    rows,
    columns,
    sourcePlane: plane,
    sourceRow: row,
    sourceColumn: FLOAT,
    targetPlane: FLOAT,
    targetRow: columns * pixel,
    targetColumn: pixel,
  };
}

/** Makes the values that fill rows up zero. */
export function clearRowEnds(
  { channels, plane, rows, row, columns, filled }: Planes,
  target: number,
): Call[] {
  return columns === filled
    ? []
    : [{ kernel: 'clearRowEnds', planes: channels, target, plane, rows, row, columns }];
}

export interface Window {
  readonly rows: number;
  readonly columns: number;
  readonly top: number;
  readonly left: number;
}

/** Output size and leading padding of a window that moves over an image, so many rows and columns at a time. */
export function windowOver(
  { rows, columns }: { rows: number; columns: number },
  [height, width]: readonly [number, number],
  [down, right]: readonly [number, number],
  padding: 'SAME' | 'VALID',
): Window {
  const vertical = slidingAlong(rows, height, down, padding);
  const horizontal = slidingAlong(columns, width, right, padding);
  return {
    rows: vertical.outputs,
    columns: horizontal.outputs,
    top: vertical.before,
    left: horizontal.before,
  };
}
