import { UserError } from '../../errors.ts';
import type { MaxPoolLayer } from '../../model/network.ts';
import type { Buffers } from './buffers.ts';
import type { ImageLayer, ImageTensor } from './image-layer.ts';
import { planes, windowOver } from './planes.ts';

/** Of which a byte tells the row and the column. */
const LARGEST_WINDOW = 16;

/**
 * @param afterRelu whether the input is a ReLU's output, which then is not kept: the pooled values tell as well where it was zero
 * @throws UserError `network` on a window of more than 16 rows and columns
 */
export function maxPoolLayer(
  buffers: Buffers,
  { name, size, stride }: MaxPoolLayer,
  input: ImageTensor,
  afterRelu: boolean,
): ImageLayer {
  if (size > LARGEST_WINDOW)
    throw new UserError(
      'network',
      `max_pool ${name} has size ${size}; engine simd takes ${LARGEST_WINDOW} at most`,
      'Choose --engine=tfjs.',
    );
  const from = input.layout;
  const window = windowOver(from, [size, size], [stride, stride], 'SAME');
  const to = planes(from.channels, window.rows, window.columns);
  const value = buffers.perImage(to.bytes);
  const argmax = buffers.perImage(to.bytes / 4);
  const gradient = buffers.perSlice(to.bytes);
  return {
    output: { layout: to, value, gradient },
    forward: (at) => [
      [
        'maxPool',
        input.value.at(at),
        value.at(at),
        argmax.at(at),
        from.channels,
        from.rows,
        from.columns,
        from.plane,
        from.row,
        to.rows,
        to.columns,
        to.plane,
        to.row,
        size,
        stride,
        window.top,
        window.left,
      ],
    ],
    backward: (at) => [
      ...(afterRelu ? [['reluGradient', gradient.at(at), value.at(at), to.bytes / 4] as const] : []),
      [
        'maxPoolGradient',
        gradient.at(at),
        argmax.at(at),
        input.gradient.at(at),
        from.channels,
        from.rows,
        from.plane,
        from.row,
        to.rows,
        to.columns,
        to.plane,
        to.row,
        stride,
        window.top,
        window.left,
      ],
    ],
  };
}
