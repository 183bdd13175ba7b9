import type { Extents } from '../../engine/graph-plan.ts';

/**
 * What TensorFlow's SAME padding adds, as ONNX notes it: top, left, bottom, right. Along an axis the window gives
 * out = ceil(in / stride) values, for which (out - 1) * stride + window - in pixels are missing; half of them go before, and
 * an odd one after.
 */
export function samePads(image: Extents, window: Extents, strides: Extents): number[] {
  const along = (axis: 0 | 1): [number, number] => {
    const count = Math.ceil(image[axis] / strides[axis]);
    const missing = Math.max((count - 1) * strides[axis] + window[axis] - image[axis], 0);
    return [Math.floor(missing / 2), Math.ceil(missing / 2)];
  };
  const [[top, bottom], [left, right]] = [along(0), along(1)];
  return [top, left, bottom, right];
}
