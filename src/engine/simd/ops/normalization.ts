import { firstPixel, keepPadding } from '../compile/image-buffer.ts';
import type { Rule } from '../compile/rule.ts';
import { share } from '../compile/segment.ts';
import type { NormalizationStep } from '../compile/steps.ts';

export const normalization: Rule<NormalizationStep> = (step, at) => {
  const { graph, workspace, segment } = at;
  const { depthRadius: radius } = step.compute;
  const { scratch: needed } = workspace.memory.kernels;
  const parameters = graph.lrnParameters(step);
  const x = at.images(step.input);
  const y = at.newImages(step);
  const { channels, rows, columns, plane } = x.layout;
  const scratch = workspace.own(needed.lrn(channels, radius));
  const parts = Math.min(segment.parts, rows);
  segment.add({
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
          radius,
          parameters,
          scratch,
        },
        ...keepPadding(y.layout, target, { first: 0, end: channels }, range),
      ];
    },
  });
  if (!graph.trains) return undefined;
  return (gradients) => {
    const dy = gradients.of(step.output);
    const dx = gradients.target(step.input);
    const working = workspace.own(needed.lrnGradient(channels, radius));
    if (dx)
      gradients.add((position) => [
        {
          kernel: 'lrnGradient',
          x: firstPixel(x, position.image),
          dy: dy.at(position),
          dx: dx.at(position),
          channels,
          plane,
          radius,
          parameters,
          scratch: working,
        },
      ]);
  };
};
