/**
 * The order of a tensor's axes. TensorFlow's graphs have images in NHWC and filters in HWIO; ONNX' operations on images take
 * NCHW and OIHW. `plain` is TensorFlow's order, whatever the tensor is.
 */
export type Layout = 'plain' | 'NCHW' | 'OIHW';

/** Where each axis of the layout is in TensorFlow's order. */
export const AXES: Readonly<Record<Exclude<Layout, 'plain'>, readonly number[]>> = {
  NCHW: [0, 3, 1, 2],
  OIHW: [3, 2, 0, 1],
};

/** Where each axis of TensorFlow's order is in the layout. */
export const AXES_BACK: Readonly<Record<Exclude<Layout, 'plain'>, readonly number[]>> = {
  NCHW: [0, 2, 3, 1],
  OIHW: [2, 3, 1, 0],
};

interface Floats {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * The tensor with its axes in another order, row-major.
 *
 * @param axes for each axis of the result the axis of the tensor
 */
export function transpose({ shape, data }: Floats, axes: readonly number[]): Floats {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1));
  const turned = axes.map((axis) => shape[axis]!);
  const steps = axes.map((axis) => strides[axis]!);
  const result = new Float32Array(data.length);
  const index = new Array<number>(axes.length).fill(0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from]!;
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      from += steps[axis]!;
      if (index[axis]! < turned[axis]!) break;
      from -= steps[axis]! * turned[axis]!;
      index[axis] = 0;
    }
  }
  return { shape: turned, data: result };
}

/** A tensor of up to four axes, with axes of one element before its own, in the layout. */
export function inLayout({ shape, data }: Floats, layout: Layout): Floats {
  if (layout === 'plain') return { shape, data };
  const padded = [...new Array<number>(4 - shape.length).fill(1), ...shape];
  return transpose({ shape: padded, data }, AXES[layout]);
}
