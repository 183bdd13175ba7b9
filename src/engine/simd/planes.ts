import { slidingAlong } from '../sliding.ts';
import type { KernelSet } from './kernels/kernel-set.ts';
import { roundUp } from './memory.ts';
import type { Call } from './program.ts';

const FLOAT = 4;

/**
 * An image as one plane per channel. Each row is padded with zeros to whole vectors. `row` and `plane` are strides in bytes, `bytes` is
 * the size of all planes.
 */
export interface Planes {
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
  /** `columns` rounded up to whole vectors, which kernels compute. */
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
 * Planes with zeros around them, in the layout that a convolution of horizontal stride s reads. Each row holds first the columns 0, s,
 * 2s..., then 1, s + 1... and so on, so that neighbouring outputs read neighbouring inputs. `row` and `plane` are strides in bytes.
 */
export interface PaddedPlanes {
  readonly stride: number;
  readonly top: number;
  readonly left: number;
  readonly row: number;
  /** Bytes from the columns of one residue modulo the stride to those of the next. */
  readonly residue: number;
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
  const residue = FLOAT * roundUp(Math.ceil(columns / stride), lanes);
  const row = residue * stride;
  const plane = planePitch(rows * row);
  return { stride, top, left, row, residue, plane, bytes: channels * plane };
}

/** Byte offset of a padded row and column within a plane. */
export function paddedOffset(layout: PaddedPlanes, row: number, column: number): number {
  const { stride, residue } = layout;
  return row * layout.row + (column % stride) * residue + Math.floor(column / stride) * FLOAT;
}

/** Where the values of planes lie: the address of the first, and the bytes between planes, rows and columns. */
interface Strided {
  readonly address: number;
  readonly plane: number;
  readonly row: number;
  readonly column: number;
}

function copyStridedCall(
  { channels, rows, columns }: Pick<Planes, 'channels' | 'rows' | 'columns'>,
  source: Strided,
  target: Strided,
): Call {
  return {
    kernel: 'copyStrided',
    source: source.address,
    target: target.address,
    planes: channels,
    rows,
    columns,
    sourcePlane: source.plane,
    sourceRow: source.row,
    sourceColumn: source.column,
    targetPlane: target.plane,
    targetRow: target.row,
    targetColumn: target.column,
  };
}

function inPlanes({ plane, row }: Pick<Planes, 'plane' | 'row'>, address: number): Strided {
  return { address, plane, row, column: FLOAT };
}

/** Places in a row-major image, [height, width, channels]. */
function inImage({ columns }: Planes, channels: number, address: number): Strided {
  const pixel = FLOAT * channels;
  return { address, plane: FLOAT, row: columns * pixel, column: pixel };
}

/** Copies `count` contiguous values. */
export function copyCall(source: number, target: number, count: number): Call {
  const contiguous = { plane: 0, row: 0 };
  const sizes = { channels: 1, rows: 1, columns: count };
  return copyStridedCall(sizes, inPlanes(contiguous, source), inPlanes(contiguous, target));
}

/** y = a + b over `count` contiguous values; y may be a or b. */
export function addCall(a: number, b: number, y: number, count: number): Call {
  const sizes = { n0: 1, n1: 1, n2: 1, n3: count };
  const strides = { a0: 0, a1: 0, a2: 0, a3: 4, b0: 0, b1: 0, b2: 0, b3: 4 };
  return { kernel: 'add', a, b, y, ...sizes, ...strides };
}

/** Copies planes to others of the same size. */
export function copyPlanesCall(from: Planes, source: number, to: Planes, target: number): Call {
  return copyStridedCall(from, inPlanes(from, source), inPlanes(to, target));
}

/** Copies planes into padded planes. Leaves the padding as it is. */
export function padCalls(from: Planes, source: number, to: PaddedPlanes, target: number): Call[] {
  return Array.from({ length: to.stride }, (_, residue) => {
    const first = (((residue - to.left) % to.stride) + to.stride) % to.stride;
    const columns = Math.max(0, Math.ceil((from.columns - first) / to.stride));
    return copyStridedCall(
      { ...from, columns },
      { ...inPlanes(from, source + FLOAT * first), column: FLOAT * to.stride },
      inPlanes(to, target + paddedOffset(to, to.top, first + to.left)),
    );
  });
}

/** Copies an image, [height, width, channels], to planes. */
export function toPlanesCall(source: number, to: Planes, target: number): Call {
  return copyStridedCall(to, inImage(to, to.channels, source), inPlanes(to, target));
}

/** Copies planes to an image, [height, width, channels]. @param imageChannels the image's channels, if it has more than the planes */
export function toImageCall(
  from: Planes,
  source: number,
  target: number,
  imageChannels: number = from.channels,
): Call {
  return copyStridedCall(from, inPlanes(from, source), inImage(from, imageChannels, target));
}

/** Bytes of a row-major image. */
export function imageBytes({ channels, rows, columns }: Planes): number {
  return FLOAT * channels * rows * columns;
}

/** Sets the values between `columns` and `filled` of each row to zero. */
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

/** Output size, and padding at the top and at the left, of a window that slides over an image by strides of [down, right] pixels. */
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
