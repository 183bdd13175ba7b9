import { transposed } from '../../tensorflow/fold/transposed.ts';
import type { TensorOf } from '../../wire/tensor.ts';

/**
 * The order of a tensor's axes. TensorFlow's graphs have images in NHWC and filters in HWIO, ONNX' operations on images take
 * NCHW and OIHW. `plain` is TensorFlow's order, whatever the tensor is.
 */
export type Layout = 'plain' | 'NCHW' | 'OIHW';

/** For each axis of a layout the axis in TensorFlow's order. */
export const AXES = { NCHW: [0, 3, 1, 2], OIHW: [3, 2, 0, 1] } as const;
export const NCHW_TO_PLAIN = [0, 2, 3, 1] as const;
export const OIHW_TO_PLAIN = [2, 3, 1, 0] as const;

const RANK = 4;

/** A tensor in TensorFlow's order turned into a layout, with axes of one element before its own where it has too few. */
export function inLayout(tensor: TensorOf<'float32'>, layout: Layout): TensorOf<'float32'> {
  if (layout === 'plain') return tensor;
  const padding = new Array<number>(RANK - tensor.shape.length).fill(1);
  const { data } = tensor;
  return { dtype: 'float32', ...transposed({ shape: [...padding, ...tensor.shape], data }, AXES[layout])! };
}

/** Where an axis of a tensor of some rank comes to lie in a layout. */
export function axisIn(layout: Layout, axis: number, rank: number): number {
  return layout === 'plain' ? axis : AXES[layout].findIndex((from) => from === axis + RANK - rank);
}
