import type { Buffers, Position } from './buffers.ts';
import type { ImageLayer, ImageTensor } from './image-layer.ts';
import { copyCall, planes } from './planes.ts';

/** Channels are planes, so that the inputs lie one behind the other. @param keepOutput whether another layer's backward pass reads it */
export function concatLayer(
  buffers: Buffers,
  inputs: readonly ImageTensor[],
  keepOutput: boolean,
): ImageLayer {
  const { rows, columns } = inputs[0]!.layout;
  const channels = inputs.reduce((sum, { layout }) => sum + layout.channels, 0);
  const layout = planes(buffers.memory.kernels, channels, rows, columns);
  const value = keepOutput ? buffers.perImage(layout.bytes) : buffers.perSlice(layout.bytes);
  const gradient = buffers.perSlice(layout.bytes);
  let end = 0;
  const parts = inputs.map((input) => {
    const start = end;
    end += input.layout.bytes;
    return { input, start, count: input.layout.bytes / 4 };
  });
  return {
    output: { layout, value, gradient, learns: inputs.some(({ learns }) => learns) },
    forward: (at: Position) =>
      parts.map(({ input, start, count }) => copyCall(input.value.at(at), value.at(at) + start, count)),
    backward: (at: Position) =>
      parts
        .filter(({ input }) => input.learns)
        .map(({ input, start, count }) => copyCall(gradient.at(at) + start, input.gradient.at(at), count)),
  };
}
