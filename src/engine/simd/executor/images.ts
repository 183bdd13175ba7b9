import { convInput, forwardTaps, type KernelShape } from '../conv-taps.ts';
import type { KernelSet } from '../kernels/kernel-set.ts';
import { roundUp } from '../memory.ts';
import {
  type PaddedPlanes,
  type Planes,
  padCalls,
  planes,
  toImageCall,
  toPlanesCall,
  type Window,
  windowOver,
} from '../planes.ts';
import type { Call } from '../program.ts';
import type { ChannelRange, Taps } from '../taps.ts';
import { firstPixel, type ImageBuffer, type ImageLayout, keepPadding, plainLayout } from './image-buffer.ts';
import type { Weights } from './packed-weights.ts';
import { type Segment, share, type Work } from './segment.ts';
import type { ConvolutionStep, Pooling } from './steps.ts';
import type { Workspace } from './workspace.ts';

/** Bytes of a convolution's planes that are pooled as soon as they are there: they stay in the first-level cache. */
const POOLED_BYTES = 14_000;

/** The geometry of a convolution on images of one size. */
export interface ConvolutionPlan {
  readonly kernel: KernelShape;
  readonly window: Window;
  /** What it reads. */
  readonly padded: PaddedPlanes;
  readonly taps: Taps;
}

export function planConvolution(
  kernels: KernelSet,
  { compute: { strides, dilations, padding } }: ConvolutionStep,
  input: Planes,
  kernel: KernelShape,
): ConvolutionPlan {
  const reach = [(kernel[0] - 1) * dilations[0] + 1, (kernel[1] - 1) * dilations[1] + 1] as const;
  const window = windowOver(input, reach, strides, padding);
  const padded = convInput(kernels, input, kernel, { strides, dilations }, window);
  return { kernel, window, padded, taps: forwardTaps(kernel, padded, { strides, dilations }, input, window) };
}

/** What a convolution computes with beside its input. */
export interface Activation {
  readonly weights: Weights;
  /** Offsets of the biases and of the lowest output. */
  readonly bias: number;
  readonly floor: number;
}

/** Copies images into a convolution's padded layout when the producer could not write it. @param x with `plan.padded` as layout */
export function paddingWork(from: ImageBuffer, { padded }: ConvolutionPlan, x: number, step: number): Work {
  return {
    parts: 1,
    calls: (item) => padCalls(from.layout, firstPixel(from, item), padded, x + item * step),
  };
}

/**
 * A convolution with bias and activation, and the pooling that follows, if any.
 *
 * @param x offset of the first image's padded planes, `xStep` bytes from one to the next
 */
export function convolutionWork(
  { compute, pooling }: ConvolutionStep,
  { window, padded }: ConvolutionPlan,
  [x, xStep]: readonly [number, number],
  y: ImageBuffer,
  { weights, bias, floor }: Activation,
  segment: Segment,
  workspace: Workspace,
): Work {
  const { channels, block } = weights;
  const { kernels } = workspace.memory;
  const xRow = compute.strides[0] * padded.row;
  const correlate = (
    item: number,
    target: number,
    layout: ImageLayout,
    range: ChannelRange,
    rows: { first: number; end: number },
  ) => {
    const grid = {
      firstRow: rows.first,
      rows: rows.end - rows.first,
      columns: window.columns,
      xRow,
      yRow: layout.row,
      yPlane: layout.plane,
    };
    const from = x + item * xStep + rows.first * xRow;
    return weights.correlate(from, target + rows.first * layout.row, grid, bias, floor, range);
  };
  if (pooling) {
    const between = plainLayout(planes(kernels, channels, window.rows, window.columns));
    const parts = roundUp(Math.ceil(channels / segment.parts), block);
    const fitting = block * Math.max(1, Math.floor(POOLED_BYTES / between.plane / block));
    const group = Math.min(channels, parts, fitting);
    const pooled = workspace.own(group * between.plane);
    return {
      parts: Math.ceil(channels / group),
      calls: (item, part) => {
        const range = { first: part * group, end: Math.min(channels, (part + 1) * group) };
        return [
          ...correlate(item, pooled - range.first * between.plane, between, range, {
            first: 0,
            end: window.rows,
          }),
          ...poolCalls(pooling, { ...between, channels: range.end - range.first }, pooled, y, item, range),
        ];
      },
    };
  }
  const rowParts = Math.min(segment.parts, Math.ceil(window.rows / kernels.sparseRows));
  const channelParts = Math.min(Math.ceil(segment.parts / rowParts), Math.ceil(channels / block));
  return {
    parts: rowParts * channelParts,
    calls: (item, part) => {
      const rows = share(window.rows, rowParts, part % rowParts, kernels.sparseRows);
      const range = share(channels, channelParts, Math.floor(part / rowParts), block);
      const target = firstPixel(y, item);
      return [
        ...correlate(item, target, y.layout, range, rows),
        ...keepPadding(y.layout, target, range, rows),
      ];
    },
  };
}

export function poolingWork(pooling: Pooling, x: ImageBuffer, y: ImageBuffer, segment: Segment): Work {
  const { channels } = x.layout;
  // Where nothing is between rows, what is written beyond a plane is the next one's, which then must be written later.
  const overlaps = y.layout.row < 4 * y.layout.filled && !y.layout.padded;
  const parts = overlaps ? 1 : Math.min(segment.parts, channels);
  return {
    parts,
    calls: (item, part) => {
      const range = share(channels, parts, part);
      const source = firstPixel(x, item) + range.first * x.layout.plane;
      return poolCalls(pooling, { ...x.layout, channels: range.end - range.first }, source, y, item, range);
    },
  };
}

function poolCalls(
  { window: size, strides, padding }: Pooling,
  from: Planes,
  source: number,
  y: ImageBuffer,
  item: number,
  range: ChannelRange,
): Call[] {
  const { layout } = y;
  const window = windowOver(from, size, strides, padding);
  const target = firstPixel(y, item);
  const [height, width] = size;
  const [down, right] = strides;
  return [
    {
      kernel: 'maxPoolValues',
      x: source,
      y: target + range.first * layout.plane,
      planes: from.channels,
      rows: from.rows,
      columns: from.columns,
      xPlane: from.plane,
      xRow: from.row,
      outRows: window.rows,
      outColumns: window.columns,
      yPlane: layout.plane,
      yRow: layout.row,
      height,
      width,
      down,
      right,
      top: window.top,
      left: window.left,
    },
    ...keepPadding(layout, target, range, { first: 0, end: layout.rows }),
  ];
}

/** Copies images, [height, width, channels], to planes, or planes back to images. */
export function copyWork(plain: number, images: ImageBuffer, direction: 'toPlanes' | 'toImages'): Work {
  const { layout } = images;
  const imageBytes = 4 * layout.rows * layout.columns * layout.channels;
  return {
    parts: 1,
    calls: (item) => {
      const [image, planar] = [plain + item * imageBytes, firstPixel(images, item)];
      return [
        direction === 'toPlanes' ? toPlanesCall(image, layout, planar) : toImageCall(layout, planar, image),
      ];
    },
  };
}
