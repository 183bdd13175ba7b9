import { firstPixel, type ImageBuffer, keepPadding } from '../compile/image-buffer.ts';
import type { Lowering } from '../compile/lowering.ts';
import type { Rule } from '../compile/rule.ts';
import { share } from '../compile/segment.ts';
import type { Pooling, PoolingStep } from '../compile/steps.ts';
import type { Places } from '../compile/workspace.ts';
import { type Planes, windowOver } from '../planes.ts';
import type { Call } from '../program.ts';
import type { ChannelRange } from '../taps.ts';

export const pooling: Rule<PoolingStep> = (step, at) => {
  const x = at.images(step.input);
  const y = at.newImages(step);
  const { channels } = x.layout;
  const argmax = at.graph.trains ? argmaxOf(y, at) : undefined;
  // Without gaps between rows, vector stores reach into the next plane, so planes must be written in order, in one part.
  const overlaps = y.layout.row < 4 * y.layout.filled && !y.layout.padded;
  const parts = overlaps ? 1 : Math.min(at.segment.parts, channels);
  at.segment.add({
    parts,
    calls: (item, part) => {
      const range = share(channels, parts, part);
      const source = firstPixel(x, item) + range.first * x.layout.plane;
      const from = { ...x.layout, channels: range.end - range.first };
      return poolCalls(step.compute, from, source, y, argmax, item, range);
    },
  });
  if (!argmax) return undefined;
  return (gradients) => {
    const d = gradients.of(step.output);
    const dx = gradients.target(step.input);
    if (dx)
      gradients.add(({ image, ...at }) => [
        poolGradientCall(
          step.compute,
          d.layout,
          d.at(at),
          argmax.offset + image * argmax.stride,
          dx.layout,
          dx.at(at),
        ),
      ]);
  };
};

/** Places for the row and the column, in one byte, of the largest value in each window of an image. */
export function argmaxOf({ layout }: ImageBuffer, at: Lowering): Places {
  return at.places(layout.bytes / 4, false);
}

/** Pools the channels of `from`, which lie at `source`, into channels `range` of an item of y. */
export function poolCalls(
  { window: [height, width], strides: [down, right], padding }: Pooling,
  from: Planes,
  source: number,
  y: ImageBuffer,
  argmax: Places | undefined,
  item: number,
  range: ChannelRange,
): Call[] {
  const { layout } = y;
  const {
    top,
    left,
    rows: outRows,
    columns: outColumns,
  } = windowOver(from, [height, width], [down, right], padding);
  const target = firstPixel(y, item);
  const grid = {
    x: source,
    y: target + range.first * layout.plane,
    planes: from.channels,
    rows: from.rows,
    columns: from.columns,
    xPlane: from.plane,
    xRow: from.row,
    outRows,
    outColumns,
    yPlane: layout.plane,
    yRow: layout.row,
    top,
    left,
  };
  if (argmax) {
    const places = argmax.offset + item * argmax.stride + (range.first * layout.plane) / 4;
    return [{ kernel: 'maxPool', ...grid, argmax: places, size: height, stride: down }];
  }
  return [
    { kernel: 'maxPoolValues', ...grid, height, width, down, right },
    ...keepPadding(layout, target, range, { first: 0, end: layout.rows }),
  ];
}

/** Adds each output's gradient to that of its window's largest value. `pooled` and `input` are the layouts of dy and dx. */
export function poolGradientCall(
  { window, strides, padding }: Pooling,
  pooled: Planes,
  dy: number,
  argmax: number,
  input: Planes,
  dx: number,
): Call {
  const { top, left } = windowOver(input, window, strides, padding);
  return {
    kernel: 'maxPoolGradient',
    dy,
    argmax,
    dx,
    planes: input.channels,
    rows: input.rows,
    xPlane: input.plane,
    xRow: input.row,
    outRows: pooled.rows,
    outColumns: pooled.columns,
    yPlane: pooled.plane,
    yRow: pooled.row,
    stride: strides[0],
    top,
    left,
  };
}
