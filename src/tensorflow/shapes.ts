import type { Extents } from '../engine/graph-plan.ts';
import { slidingAlong } from '../engine/sliding.ts';

/** The extents of a tensor; the first is `OPEN` where it is the number of images and may be any. */
export type Shape = readonly number[];

/** The extent of a batch of any size. */
export const OPEN = -1;

export function isOpen(shape: Shape): boolean {
  return shape[0] === OPEN;
}

/** Elements in a tensor, or in what one image has in it. */
export function elementsOf(shape: Shape): number {
  return (isOpen(shape) ? shape.slice(1) : shape).reduce((product, extent) => product * extent, 1);
}

export function describeShape(shape: Shape): string {
  return `[${shape.map((extent) => (extent === OPEN ? 'batch' : extent)).join(', ')}]`;
}

/** Height and width of what a window gives that slides over `input`; undefined where it fits nowhere. */
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
 * The shape of an element-wise operation under NumPy's broadcasting; undefined where the shapes do not fit or would mix the
 * images of a batch with something else.
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
