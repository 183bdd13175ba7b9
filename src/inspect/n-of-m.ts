/** In every group of `m` neighbouring weights at most `n` are not zero. */
export interface NOfM {
  readonly n: number;
  readonly m: number;
  /** Probability that as many zeros at random places have this structure, too; near 0 for weights that were pruned this way. */
  readonly chance: number;
}

/** Group sizes that hardware and libraries use. */
const GROUP_SIZES = [4, 8, 16] as const;

/**
 * The tightest N:M structure along the input axis, the last but one: that with the smallest n / m and, among equal ones, the
 * smallest m. Groups begin at index 0; the last may be shorter. Weights that are all zero are 0:4.
 *
 * @param values row-major
 * @returns undefined if there are full groups of every size, or the axis is shorter than any group
 */
export function nOfMStructure(shape: readonly number[], values: ArrayLike<number>): NOfM | undefined {
  const [inputs = 1, outputs = 1] = shape.slice(-2);
  if (values.length === 0) return undefined;
  const found = GROUP_SIZES.filter((m) => m <= inputs).map((m) => ({
    n: mostSurvivors(values, inputs, outputs, m),
    m,
  }));
  const structures = found.filter(({ n, m }) => n < m);
  const [tightest] = structures.toSorted((a, b) => a.n / a.m - b.n / b.m || a.m - b.m);
  return tightest && { ...tightest, chance: chanceOf(tightest, outputs, values) };
}

/** The largest number of survivors in any group. */
function mostSurvivors(values: ArrayLike<number>, inputs: number, outputs: number, m: number): number {
  const slice = inputs * outputs;
  let most = 0;
  for (let start = 0; start < values.length; start += slice) {
    for (let first = 0; first < inputs; first += m) {
      const last = Math.min(first + m, inputs);
      for (let output = 0; output < outputs; output++) {
        let survivors = 0;
        for (let input = first; input < last; input++) {
          if (values[start + input * outputs + output] !== 0) survivors++;
        }
        most = Math.max(most, survivors);
      }
      if (most === m) return most;
    }
  }
  return most;
}

/**
 * Probability that, with the zeros of each output at random places, no group of m has more than n survivors. Every output keeps
 * its own number of zeros, since one that is all zeros says nothing about the others.
 */
function chanceOf(structure: { n: number; m: number }, outputs: number, values: ArrayLike<number>): number {
  const survivors = new Float64Array(outputs);
  for (let at = 0; at < values.length; at++) if (values[at] !== 0) survivors[at % outputs]!++;
  const inputs = values.length / outputs;
  let logarithm = 0;
  for (const count of survivors)
    logarithm += (inputs / structure.m) * Math.log1p(-overfullChance(structure, count / inputs));
  return Math.exp(logarithm);
}

/** Probability that more than n of m weights survive, if each survives with probability `density`. */
function overfullChance({ n, m }: { n: number; m: number }, density: number): number {
  let more = 0;
  let ways = 1;
  for (let survivors = 0; survivors <= m; survivors++) {
    if (survivors > n) more += ways * density ** survivors * (1 - density) ** (m - survivors);
    ways = (ways * (m - survivors)) / (survivors + 1);
  }
  return Math.min(1, more);
}
