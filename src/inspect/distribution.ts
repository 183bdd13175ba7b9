/** A histogram of the values of a weight: zeros are counted apart, all other values in bins of equal width. */
export interface Distribution {
  readonly zeros: number;
  /** Number of values that are NaN or infinite. */
  readonly notFinite: number;
  /** Edges of the bins, one more than there are bins; a value on an inner edge belongs to the bin above. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** Number of bins that fit a terminal. */
const BINS = 24;

/**
 * The histogram of `values`. If there are values of both signs, the bins are symmetric around 0, so that they show the true
 * width of the gap that pruning leaves there.
 */
export function distribution(values: ArrayLike<number>, bins = BINS): Distribution {
  const [low, high] = range(values);
  const edges = Array.from({ length: bins + 1 }, (_, edge) => low + ((high - low) * edge) / bins);
  const counts = new Array<number>(bins).fill(0);
  let zeros = 0;
  let notFinite = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (value === 0) zeros++;
    else if (!Number.isFinite(value)) notFinite++;
    else counts[binOf(value, edges)]!++;
  }
  return { zeros, notFinite, edges, counts };
}

function range(values: ArrayLike<number>): [number, number] {
  let [low, high] = [0, 0];
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const reach = Math.max(-low, high) || 1;
  return [low < 0 ? -reach : 0, high > 0 || low === 0 ? reach : 0];
}

function binOf(value: number, edges: readonly number[]): number {
  const bins = edges.length - 1;
  const [low, high] = [edges[0]!, edges[bins]!];
  const guess = Math.min(bins - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * bins)));
  if (value < edges[guess]!) return guess - 1;
  return value >= edges[guess + 1]! && guess < bins - 1 ? guess + 1 : guess;
}
