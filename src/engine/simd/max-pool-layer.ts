import type { MaxPoolLayer } from '../../model/network.ts';
import type { Buffers } from './buffers.ts';
import type { ImageLayer, ImageTensor } from './image-layer.ts';
import { planes, windowOver } from './planes.ts';
import type { Call } from './program.ts';

/** @param afterRelu whether the input is a ReLU's output, which then is not kept: the pooled values tell as well where it was zero */
export function maxPoolLayer(
  buffers: Buffers,
  { size, stride }: MaxPoolLayer,
  input: ImageTensor,
  afterRelu: boolean,
): ImageLayer {
  const from = input.layout;
  const window = windowOver(from, [size, size], [stride, stride], 'SAME');
  const to = planes(buffers.memory.kernels, from.channels, window.rows, window.columns);
  const value = buffers.perImage(to.bytes);
  const argmax = buffers.perImage(to.bytes / 4);
  const gradient = buffers.perSlice(to.bytes);
  return {
    output: { layout: to, value, gradient, learns: input.learns },
    forward: (at) => [
      {
        kernel: 'maxPool',
        x: input.value.at(at),
        y: value.at(at),
        argmax: argmax.at(at),
        planes: from.channels,
        rows: from.rows,
        columns: from.columns,
        xPlane: from.plane,
        xRow: from.row,
        outRows: to.rows,
        outColumns: to.columns,
        yPlane: to.plane,
        yRow: to.row,
        size,
        stride,
        top: window.top,
        left: window.left,
      },
    ],
    backward: (at) => {
      const [dy, y] = [gradient.at(at), value.at(at)];
      const relu: Call[] = afterRelu ? [{ kernel: 'reluGradient', d: dy, y, count: to.bytes / 4 }] : [];
      return [
        ...relu,
        {
          kernel: 'maxPoolGradient',
          dy,
          argmax: argmax.at(at),
          dx: input.gradient.at(at),
          planes: from.channels,
          rows: from.rows,
          xPlane: from.plane,
          xRow: from.row,
          outRows: to.rows,
          outColumns: to.columns,
          yPlane: to.plane,
          yRow: to.row,
          stride,
          top: window.top,
          left: window.left,
        },
      ];
    },
  };
}
