import type { Extents } from '../engine/graph-plan.ts';
import { slidingAlong } from '../engine/sliding.ts';

/** The extents of a tensor. The first is `OPEN` if it is the number of images and is not fixed. */
export type Shape = readonly number[];

/** The extent of an open batch, which may have any size. */
export const OPEN = -1;

export function isOpen(shape: Shape): boolean {
  return shape[0] === OPEN;
}

/** Number of elements in a tensor; of an open batch, in one image. */
export function elementsOf(shape: Shape): number {
  return (isOpen(shape) ? shape.slice(1) : shape).reduce((product, extent) => product * extent, 1);
}

export function describeShape(shape: Shape): string {
  return `[${shape.map((extent) => (extent === OPEN ? 'batch' : extent)).join(', ')}]`;
}

/** [height, width] of the result of a window that slides over `input`, in pixels; undefined if the window does not fit. */
export function slidingExtents(
  input: Extents,
  window: Extents,
  strides: Extents,
  padding: 'SAME' | 'VALID',
): Extents | undefined {
  const along = (axis: 0 | 1) => slidingAlong(input[axis], window[axis], strides[axis], padding).outputs;
  const [height, width] = [along(0), along(1)];
  return height > 0 && width > 0 ? [height, width] : undefined;
}

/**
 * The shape that two shapes broadcast to, by NumPy's rules; undefined if they do not fit, or if the open batch would not be the
 * first axis of the result.
 */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const extent = (shape: Shape, axis: number) => shape[axis - rank + shape.length] ?? 1;
  const result: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const [one, other] = [extent(a, axis), extent(b, axis)];
    if (one !== other && one !== 1 && other !== 1) return undefined;
    result.push(one === 1 ? other : one);
  }
  return result.lastIndexOf(OPEN) > 0 ? undefined : result;
}
