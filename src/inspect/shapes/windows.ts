import { slidingAlong } from '../../engine/sliding.ts';
import type { Extent, PartialShape } from './partial-shape.ts';

/** How a window slides along one axis. */
export interface Window {
  readonly size: Extent;
  readonly stride: number;
  readonly dilation: number;
  /** A number is the padding of both sides together. */
  readonly padding: 'SAME' | 'VALID' | number;
  /** Whether the last window may extend past the end. */
  readonly ceil?: boolean;
}

/** The extents after windows slid over them, one window for each axis; undefined if a window does not fit. */
export function windowed(extents: PartialShape, windows: readonly Window[]): PartialShape | undefined {
  const result = windows.map((window, axis) => windowedAlong(extents[axis], window));
  return result.some((extent) => extent === 0) ? undefined : result;
}

function windowedAlong(extent: Extent, { size, stride, dilation, padding, ceil = false }: Window): Extent {
  if (extent === undefined || size === undefined || !(stride > 0 && dilation > 0)) return undefined;
  const reach = (size - 1) * dilation + 1;
  if (typeof padding === 'string') return slidingAlong(extent, reach, stride, padding).outputs;
  const all = extent + padding;
  const positions = slidingAlong(all, reach, stride, 'VALID').outputs;
  return ceil && positions > 0 && (positions - 1) * stride + reach < all ? positions + 1 : positions;
}
