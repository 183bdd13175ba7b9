/** An axis along which two tensors are combined: its extent, and the bytes from one value to the next in each of them. */
export interface Axis {
  readonly extent: number;
  readonly a: number;
  readonly b: number;
}

/** The axes over which row-major tensors are combined under NumPy's broadcasting, as few as possible, the innermost last. */
export function broadcastAxes(shape: readonly number[], a: readonly number[], b: readonly number[]): Axis[] {
  const [aSteps, bSteps] = [stepsOf(a, shape.length), stepsOf(b, shape.length)];
  const axes: Axis[] = [];
  shape.forEach((extent, number) => {
    if (extent === 1) return;
    const axis = { extent, a: aSteps[number]!, b: bSteps[number]! };
    const outer = axes.at(-1);
    if (outer && outer.a === extent * axis.a && outer.b === extent * axis.b)
      axes[axes.length - 1] = { ...axis, extent: extent * outer.extent };
    else axes.push(axis);
  });
  return axes;
}

/** Bytes from one value to the next along each of `rank` axes; 0 where there is one value only. */
function stepsOf(shape: readonly number[], rank: number): number[] {
  let step = 4;
  const steps = shape.toReversed().map((extent) => {
    const own = extent === 1 ? 0 : step;
    step *= extent;
    return own;
  });
  return [...steps, ...new Array<number>(rank - shape.length).fill(0)].reverse();
}
