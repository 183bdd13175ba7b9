import { firstPixel } from '../compile/image-buffer.ts';
import type { Rule } from '../compile/rule.ts';
import { share } from '../compile/segment.ts';
import type { ConcatenationStep } from '../compile/steps.ts';
import { copyCall, copyPlanesCall } from '../planes.ts';
import type { ChannelRange } from '../taps.ts';

/** Copies the inputs' planes one after another, since each channel is a plane. */
export const concatenation: Rule<ConcatenationStep> = (step, at) => {
  const inputs = step.inputs.map((input) => at.images(input));
  const y = at.newImages(step);
  let end = 0;
  const ranges = inputs.map(({ layout }): ChannelRange => {
    const first = end;
    end += layout.channels;
    return { first, end };
  });
  for (const [number, x] of inputs.entries()) {
    const { channels } = x.layout;
    const parts = Math.min(at.segment.parts, channels);
    at.segment.add({
      parts,
      calls: (item, part) => {
        const { first, end } = share(channels, parts, part);
        const source = firstPixel(x, item) + first * x.layout.plane;
        const target = firstPixel(y, item) + (ranges[number]!.first + first) * y.layout.plane;
        return [copyPlanesCall({ ...x.layout, channels: end - first }, source, y.layout, target)];
      },
    });
  }
  if (!at.graph.trains) return undefined;
  return (gradients) => {
    const d = gradients.of(step.output);
    const targets = step.inputs.map((input) => gradients.target(input));
    gradients.add((position) =>
      targets.flatMap((dx, number) =>
        dx
          ? [
              copyCall(
                d.at(position) + ranges[number]!.first * d.layout.plane,
                dx.at(position),
                dx.layout.bytes / 4,
              ),
            ]
          : [],
      ),
    );
  };
};
