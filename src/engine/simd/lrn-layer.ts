import type { LrnLayer } from '../../model/network.ts';
import type { Buffers } from './buffers.ts';
import type { ImageLayer, ImageTensor } from './image-layer.ts';

/** @param keepOutput whether the next layer's backward pass reads it */
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
  const scratch = buffers.perSlice(48 * (channels + 2 * depthRadius + 1));
  return {
    output: { layout, value, gradient },
    forward: (at) => [
      [
        'lrn',
        input.value.at(at),
        value.at(at),
        channels,
        1,
        plane / 4,
        plane,
        plane,
        plane,
        plane,
        depthRadius,
        parameters,
        scratch.at(at),
      ],
    ],
    backward: (at) => [
      [
        'lrnGradient',
        input.value.at(at),
        gradient.at(at),
        input.gradient.at(at),
        channels,
        plane,
        depthRadius,
        parameters,
        scratch.at(at),
      ],
    ],
  };
}
