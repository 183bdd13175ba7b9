import { firstPixel, type ImageBuffer, keepPadding } from './image-buffer.ts';
import { type Segment, share, type Work } from './segment.ts';
import type { Workspace } from './workspace.ts';

/** @param parameters offset of bias, alpha and beta */
export function normalizationWork(
  depthRadius: number,
  parameters: number,
  x: ImageBuffer,
  y: ImageBuffer,
  segment: Segment,
  workspace: Workspace,
): Work {
  const { channels, rows, columns } = x.layout;
  const scratch = workspace.own(workspace.memory.kernels.scratch.lrn(channels, depthRadius));
  const parts = Math.min(segment.parts, rows);
  return {
    parts,
    calls: (item, part) => {
      const range = share(rows, parts, part);
      const target = firstPixel(y, item);
      return [
        {
          kernel: 'lrn',
          x: firstPixel(x, item) + range.first * x.layout.row,
          y: target + range.first * y.layout.row,
          channels,
          rows: range.end - range.first,
          columns,
          xPlane: x.layout.plane,
          xRow: x.layout.row,
          yPlane: y.layout.plane,
          yRow: y.layout.row,
          radius: depthRadius,
          parameters,
          scratch,
        },
        ...keepPadding(y.layout, target, { first: 0, end: channels }, range),
      ];
    },
  };
}
