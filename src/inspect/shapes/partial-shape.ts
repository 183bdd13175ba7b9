/** The extents of a tensor; unknown ones are undefined. */
export type PartialShape = readonly Extent[];
export type Extent = number | undefined;

/** The largest rank of TensorFlow's shapes. */
const MAX_AXES = 254;

/** The shape itself; undefined if no tensor can have it, as in a damaged file. */
export function sound(shape: PartialShape | undefined): PartialShape | undefined {
  if (!shape || shape.length > MAX_AXES) return undefined;
  const isSound = (extent: Extent) => extent === undefined || (Number.isSafeInteger(extent) && extent >= 0);
  return shape.every(isSound) ? shape : undefined;
}

/** A shape in which -1, as TensorFlow writes it, becomes undefined. */
export function fromDeclared(shape: readonly number[]): PartialShape {
  return shape.map((extent) => (extent < 0 ? undefined : extent));
}

export function isKnown(shape: PartialShape | undefined): shape is readonly number[] {
  return shape?.every((extent) => extent !== undefined) ?? false;
}

/** The product of all extents; undefined if one is unknown. */
export function product(extents: PartialShape): Extent {
  return isKnown(extents) ? extents.reduce((total, extent) => total * extent, 1) : undefined;
}

/** Calls a function with the values if all are known. */
export function known<Result>(
  values: readonly Extent[],
  compute: (...values: number[]) => Result,
): Result | undefined {
  return isKnown(values) ? compute(...values) : undefined;
}

/** The shape after NumPy's broadcasting; undefined if the shapes do not match. */
export function broadcasted(a: PartialShape, b: PartialShape): PartialShape | undefined {
  const rank = Math.max(a.length, b.length);
  const result: Extent[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const [one, other] = [a, b].map((shape) => {
      const at = axis - rank + shape.length;
      return at < 0 ? 1 : shape[at];
    });
    if (one === 1 || other === 1) result.push(one === 1 ? other : one);
    else if (one !== undefined && other !== undefined && one !== other) return undefined;
    else result.push(one ?? other);
  }
  return result;
}

/** The shape after broadcasting all shapes, one after the other. */
export function allBroadcasted(shapes: readonly (PartialShape | undefined)[]): PartialShape | undefined {
  let result: PartialShape | undefined = [];
  for (const shape of shapes) result = result && shape && broadcasted(result, shape);
  return shapes.length > 0 ? result : undefined;
}

/** The index of an axis, which counts from the end if negative; undefined if there is no such axis in `rank`. */
export function axisIn(rank: number, axis: Extent): Extent {
  if (axis === undefined || !(axis >= -rank && axis < rank)) return undefined;
  return axis < 0 ? axis + rank : axis;
}

/** The indices of several axes; undefined if one of them does not exist. */
export function axesIn(rank: number, axes: readonly number[]): readonly number[] | undefined {
  const found = axes.map((axis) => axisIn(rank, axis));
  return isKnown(found) ? found : undefined;
}

/** Combines what two sources know of one shape; if they differ, the first one counts. */
export function merged(
  one: PartialShape | undefined,
  other: PartialShape | undefined,
): PartialShape | undefined {
  if (!one || one.length !== other?.length) return one ?? other;
  return one.map((extent, axis) => extent ?? other[axis]);
}
