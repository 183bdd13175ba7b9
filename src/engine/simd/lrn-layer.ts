import type { LrnLayer } from '../../model/network.ts';
import type { Buffers } from './buffers.ts';
import type { ImageLayer, ImageTensor } from './image-layer.ts';

/** @param keepOutput whether another layer's backward pass reads it */
export function lrnLayer(
  buffers: Buffers,
  { depthRadius, bias, alpha, beta }: LrnLayer,
  input: ImageTensor,
  keepOutput: boolean,
): ImageLayer {
  const { layout } = input;
  const { channels, plane, bytes } = layout;
  const parameters = buffers.memory.place(Float32Array.of(bias, alpha, beta));
  const value = keepOutput ? buffers.perImage(bytes) : buffers.perSlice(bytes);
  const gradient = buffers.perSlice(bytes);
  const needed = buffers.memory.kernels.scratch;
  const scratch = buffers.perSlice(
    Math.max(needed.lrn(channels, depthRadius), needed.lrnGradient(channels, depthRadius)),
  );
  return {
    output: { layout, value, gradient, learns: input.learns },
    forward: (at) => [
      {
        kernel: 'lrn',
        x: input.value.at(at),
        y: value.at(at),
        channels,
        rows: 1,
        columns: plane / 4,
        xPlane: plane,
        xRow: plane,
        yPlane: plane,
        yRow: plane,
        radius: depthRadius,
        parameters,
        scratch: scratch.at(at),
      },
    ],
    backward: (at) => [
      {
        kernel: 'lrnGradient',
        x: input.value.at(at),
        dy: gradient.at(at),
        dx: input.gradient.at(at),
        channels,
        plane,
        radius: depthRadius,
        parameters,
        scratch: scratch.at(at),
      },
    ],
  };
}
