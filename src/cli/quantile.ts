/**
 * The value below which a fraction of the values lies, interpolated linearly between the two nearest, like NumPy's default.
 *
 * @param sorted ascending, at least one
 * @param fraction 0 to 1
 */
export function quantile(sorted: ArrayLike<number>, fraction: number): number {
  const position = fraction * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}
