import type { AddLayer } from '../../model/network.ts';
import type { Buffers } from './buffers.ts';
import type { ImageLayer, ImageTensor } from './image-layer.ts';
import { copyCall } from './planes.ts';
import type { Call } from './program.ts';

/** @param keepOutput whether another layer's backward pass reads it */
export function addLayer(
  buffers: Buffers,
  { activation }: AddLayer,
  inputs: readonly ImageTensor[],
  keepOutput: boolean,
): ImageLayer {
  const { layout } = inputs[0]!;
  const count = layout.bytes / 4;
  const hasRelu = activation === 'relu';
  const value = hasRelu || keepOutput ? buffers.perImage(layout.bytes) : buffers.perSlice(layout.bytes);
  const gradient = buffers.perSlice(layout.bytes);
  const learning = inputs.filter(({ learns }) => learns);
  return {
    output: { layout, value, gradient, learns: learning.length > 0 },
    forward: (at) => {
      const [first, ...others] = inputs.map((input) => input.value.at(at));
      const y = value.at(at);
      const sums = others.map((other, number) => addCall(number === 0 ? first! : y, other, y, count));
      return hasRelu ? [...sums, { kernel: 'relu', x: y, y, count }] : sums;
    },
    backward: (at) => {
      const d = gradient.at(at);
      const relu: Call[] = hasRelu ? [{ kernel: 'reluGradient', d, y: value.at(at), count }] : [];
      return [...relu, ...learning.map((input) => copyCall(d, input.gradient.at(at), count))];
    },
  };
}

/** y = a + b over so many values that lie side by side; y may be a or b. */
export function addCall(a: number, b: number, y: number, count: number): Call {
  const [sizes, aStrides] = [
    { n0: 1, n1: 1, n2: 1, n3: count },
    { a0: 0, a1: 0, a2: 0, a3: 4 },
  ];
  return { kernel: 'add', a, b, y, ...sizes, ...aStrides, b0: 0, b1: 0, b2: 0, b3: 4 };
}
