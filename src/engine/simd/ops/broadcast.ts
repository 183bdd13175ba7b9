/** An axis over which two tensors are combined: its extent, and the stride in bytes of each tensor, 0 if its value is repeated. */
export interface Axis {
  readonly extent: number;
  readonly a: number;
  readonly b: number;
}

/** The axes over which row-major tensors of shapes a and b broadcast to `shape`, innermost last. Merges axes where it can. */
export function broadcastAxes(shape: readonly number[], a: readonly number[], b: readonly number[]): Axis[] {
  const [aStrides, bStrides] = [stridesOf(a, shape.length), stridesOf(b, shape.length)];
  const axes: Axis[] = [];
  shape.forEach((extent, number) => {
    if (extent === 1) return;
    const axis = { extent, a: aStrides[number]!, b: bStrides[number]! };
    const outer = axes.at(-1);
    if (outer && outer.a === extent * axis.a && outer.b === extent * axis.b)
      axes[axes.length - 1] = { ...axis, extent: extent * outer.extent };
    else axes.push(axis);
  });
  return axes;
}

/** The stride in bytes along each of `rank` axes; 0 along axes of extent 1 and along missing leading axes. */
function stridesOf(shape: readonly number[], rank: number): number[] {
  let stride = 4;
  const strides = shape.toReversed().map((extent) => {
    const own = extent === 1 ? 0 : stride;
    stride *= extent;
    return own;
  });
  return [...strides, ...new Array<number>(rank - shape.length).fill(0)].reverse();
}
