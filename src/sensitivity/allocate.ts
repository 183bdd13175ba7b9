/** The loss and accuracy of a network when only one layer is pruned. */
export interface Curve {
  /** Name of the layer's weights. */
  readonly name: string;
  readonly size: number;
  /** Points in order of sparsity; the first is the layer before pruning. */
  readonly points: readonly CurvePoint[];
}

export interface CurvePoint {
  readonly sparsity: number;
  /** Mean cross-entropy of an image, in nats. */
  readonly crossEntropy: number;
  /** Fraction of images that were classified correctly. */
  readonly accuracy: number;
}

/** The sparsity of each layer, by the name of its weights. */
export type Allocation = ReadonlyMap<string, number>;

/** The step from one sparsity of a layer to the next, as if every weight in it cost the same. */
interface Segment {
  readonly name: string;
  readonly size: number;
  readonly from: number;
  readonly to: number;
  /** Increase of the cross-entropy for each weight that is pruned. */
  readonly slope: number;
}

/** The least and the most total sparsity that the curves cover. */
export function reach(curves: readonly Curve[]): { readonly least: number; readonly most: number } {
  const total = (of: (curve: Curve) => number) =>
    curves.reduce((sum, curve) => sum + curve.size * of(curve), 0) /
    curves.reduce((sum, { size }) => sum + size, 0);
  return {
    least: total(({ points }) => points[0]!.sparsity),
    most: total(({ points }) => points.at(-1)!.sparsity),
  };
}

/**
 * Divides a total sparsity among layers so that the sum of the layers' losses is smallest: prunes wherever the next weight
 * costs least, along the lower convex hull of each layer's losses. It assumes that losses of several layers add up, and that
 * the loss between two measured sparsities lies on the line between them.
 *
 * @param target fraction of zeros in all layers together, within {@link reach}
 */
export function allocate(curves: readonly Curve[], target: number): Allocation {
  const sparsities = new Map(curves.map(({ name, points }) => [name, points[0]!.sparsity]));
  const weights = curves.reduce((sum, { size }) => sum + size, 0);
  const zeros = curves.reduce((sum, { size, points }) => sum + size * points[0]!.sparsity, 0);
  let left = target * weights - zeros;
  // On a convex hull slopes rise, so sorting keeps the segments of a layer in order.
  for (const segment of curves.flatMap(segments).toSorted((a, b) => a.slope - b.slope)) {
    if (left <= 0) break;
    const removable = segment.size * (segment.to - segment.from);
    const taken = Math.min(left, removable);
    sparsities.set(segment.name, segment.from + taken / segment.size);
    left -= taken;
  }
  return sparsities;
}

function segments({ name, size, points }: Curve): Segment[] {
  const hull = lowerHull(points);
  return hull.slice(1).map((point, index) => ({
    name,
    size,
    from: hull[index]!.sparsity,
    to: point.sparsity,
    slope: slope(hull[index]!, point) / size,
  }));
}

/** The points of the lower convex hull: no line between two other points passes below them. */
function lowerHull(points: readonly CurvePoint[]): CurvePoint[] {
  const hull: CurvePoint[] = [];
  for (const point of points) {
    while (hull.length >= 2 && slope(hull.at(-2)!, hull.at(-1)!) >= slope(hull.at(-1)!, point)) hull.pop();
    hull.push(point);
  }
  return hull;
}

function slope(a: CurvePoint, b: CurvePoint): number {
  return (b.crossEntropy - a.crossEntropy) / (b.sparsity - a.sparsity);
}
