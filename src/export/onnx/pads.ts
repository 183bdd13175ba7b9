import type { Extents } from '../../engine/graph-plan.ts';
import { slidingAlong } from '../../engine/sliding.ts';

/** What a window's padding adds to an image, as ONNX notes it: top, left, bottom, right. */
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
