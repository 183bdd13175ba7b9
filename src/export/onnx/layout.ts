import { transposed } from '../../tensorflow/fold/transposed.ts';
import type { TensorOf } from '../../wire/tensor.ts';

/**
 * The order of a tensor's axes. In TensorFlow's graphs images are NHWC and filters HWIO; ONNX's operations on images take NCHW
 * and OIHW. `plain` is TensorFlow's order, for any tensor.
 */
export type Layout = 'plain' | 'NCHW' | 'OIHW';

/** For each axis of a layout the axis in TensorFlow's order. */
export const AXES = { NCHW: [0, 3, 1, 2], OIHW: [3, 2, 0, 1] } as const;
export const NCHW_TO_PLAIN = [0, 2, 3, 1] as const;
export const OIHW_TO_PLAIN = [2, 3, 1, 0] as const;

const RANK = 4;

/** Transposes a tensor from TensorFlow's order into a layout. A tensor with too few axes first gets axes of extent 1 before its own. */
export function inLayout(tensor: TensorOf<'float32'>, layout: Layout): TensorOf<'float32'> {
  if (layout === 'plain') return tensor;
  const padding = new Array<number>(RANK - tensor.shape.length).fill(1);
  const { data } = tensor;
  return { dtype: 'float32', ...transposed({ shape: [...padding, ...tensor.shape], data }, AXES[layout])! };
}

/** The position of an axis of a tensor of `rank` axes after {@link inLayout}. */
export function axisIn(layout: Layout, axis: number, rank: number): number {
  return layout === 'plain' ? axis : AXES[layout].findIndex((from) => from === axis + RANK - rank);
}
