import { firstPixel, type ImageBuffer } from '../compile/image-buffer.ts';
import type { Rule } from '../compile/rule.ts';
import { share } from '../compile/segment.ts';
import type { SumStep } from '../compile/steps.ts';
import { addCall, copyCall, type Planes } from '../planes.ts';
import type { Call } from '../program.ts';
import type { ChannelRange } from '../taps.ts';

export const sum: Rule<SumStep> = (step, at) => {
  const { graph, segment } = at;
  const inputs = step.inputs.map((input) => at.images(input));
  const y = at.newImages(step);
  const { channels, plane } = y.layout;
  const parts = Math.min(segment.parts, channels);
  segment.add({
    parts,
    calls: (item, part) => {
      const range = share(channels, parts, part);
      const target = firstPixel(y, item) + range.first * plane;
      const count = ((range.end - range.first) * plane) / 4;
      const [first, ...others] = inputs as [ImageBuffer, ...ImageBuffer[]];
      const sums = others.map((other, number) =>
        addImages(number === 0 ? first : y, other, item, range, target),
      );
      return step.relu ? [...sums, { kernel: 'relu', x: target, y: target, count }] : sums;
    },
  });
  if (!graph.trains) return undefined;
  return (gradients) => {
    const d = gradients.of(step.output);
    const targets = step.inputs.flatMap((input) => gradients.target(input) ?? []);
    const count = d.layout.bytes / 4;
    gradients.add((position): Call[] => {
      const from = d.at(position);
      const relu: Call[] = step.relu
        ? [{ kernel: 'reluGradient', d: from, y: firstPixel(y, position.image), count }]
        : [];
      return [...relu, ...targets.map((dx) => copyCall(from, dx.at(position), count))];
    });
  };
};

/** Adds channels of two images. @param y address of planes without gaps, where the sum goes */
function addImages(
  a: ImageBuffer,
  b: ImageBuffer,
  item: number,
  { first, end }: ChannelRange,
  y: number,
): Call {
  const [from, other] = [a, b].map((x) => firstPixel(x, item) + first * x.layout.plane) as [number, number];
  const channels = end - first;
  if (isWhole(a.layout) && isWhole(b.layout)) return addCall(from, other, y, (channels * a.layout.plane) / 4);
  const { rows, filled } = a.layout;
  const sizes = { n0: 1, n1: channels, n2: rows, n3: filled };
  const aStrides = { a0: 0, a1: a.layout.plane, a2: a.layout.row, a3: 4 };
  const bStrides = { b0: 0, b1: b.layout.plane, b2: b.layout.row, b3: 4 };
  return { kernel: 'add', a: from, b: other, y, ...sizes, ...aStrides, ...bStrides };
}

function isWhole({ rows, filled, row, plane }: Planes): boolean {
  return row === 4 * filled && plane === rows * row;
}
