import type { Extents } from '../../engine/graph-plan.ts';
import { slidingAlong } from '../../engine/sliding.ts';

/** The padding of an image for a window, in ONNX's order: top, left, bottom, right. */
export function padsAround(
  image: Extents,
  window: Extents,
  strides: Extents,
  padding: 'SAME' | 'VALID',
): number[] {
  const along = (axis: 0 | 1) => slidingAlong(image[axis], window[axis], strides[axis], padding);
  const [rows, columns] = [along(0), along(1)];
  return [rows.before, columns.before, rows.after, columns.after];
}
