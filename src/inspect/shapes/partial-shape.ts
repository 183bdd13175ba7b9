/** The extents of a tensor as far as they are known; one that is not is undefined. */
export type PartialShape = readonly Extent[];
export type Extent = number | undefined;

/** As many as TensorFlow's shapes have. */
const MAX_AXES = 254;

/** @returns undefined for a shape that no tensor has, as a damaged file may give it */
export function sound(shape: PartialShape | undefined): PartialShape | undefined {
  if (!shape || shape.length > MAX_AXES) return undefined;
  const isSound = (extent: Extent) => extent === undefined || (Number.isSafeInteger(extent) && extent >= 0);
  return shape.every(isSound) ? shape : undefined;
}

/** -1 is an extent that is not known, as TensorFlow writes it. */
export function fromDeclared(shape: readonly number[]): PartialShape {
  return shape.map((extent) => (extent < 0 ? undefined : extent));
}

export function isKnown(shape: PartialShape | undefined): shape is readonly number[] {
  return shape?.every((extent) => extent !== undefined) ?? false;
}

/** Of all extents; undefined where one is not known. */
export function product(extents: PartialShape): Extent {
  return isKnown(extents) ? extents.reduce((total, extent) => total * extent, 1) : undefined;
}

/** Of what is computed from the values if all are known. */
export function known<Result>(
  values: readonly Extent[],
  compute: (...values: number[]) => Result,
): Result | undefined {
  return isKnown(values) ? compute(...values) : undefined;
}

/** Under NumPy's broadcasting; undefined where the shapes do not fit. */
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

/** All shapes, each with the next. */
export function allBroadcasted(shapes: readonly (PartialShape | undefined)[]): PartialShape | undefined {
  let result: PartialShape | undefined = [];
  for (const shape of shapes) result = result && shape && broadcasted(result, shape);
  return shapes.length > 0 ? result : undefined;
}

/** An axis, counted from the end if negative; undefined if it is not one of `rank` axes. */
export function axisIn(rank: number, axis: Extent): Extent {
  if (axis === undefined || !(axis >= -rank && axis < rank)) return undefined;
  return axis < 0 ? axis + rank : axis;
}

/** Several axes; undefined if one of them is none of `rank`. */
export function axesIn(rank: number, axes: readonly number[]): readonly number[] | undefined {
  const found = axes.map((axis) => axisIn(rank, axis));
  return isKnown(found) ? found : undefined;
}

/** What two sources together tell of one shape; the first counts where they differ. */
export function merged(
  one: PartialShape | undefined,
  other: PartialShape | undefined,
): PartialShape | undefined {
  if (!one || one.length !== other?.length) return one ?? other;
  return one.map((extent, axis) => extent ?? other[axis]);
}
