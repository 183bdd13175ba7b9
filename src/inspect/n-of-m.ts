import { countNonzero } from './numeric-tensor.ts';

/** At most `n` of any `m` neighbouring weights are not zero. */
export interface NOfM {
  readonly n: number;
  readonly m: number;
  /** How probably as many zeros strewn at random would fit it, too; near 0 for weights that were pruned so. */
  readonly chance: number;
}

/** Group sizes that hardware and libraries use. */
const GROUP_SIZES = [4, 8, 16] as const;

/**
 * The tightest N:M structure along the input axis, the last but one: the smallest n / m, of equal ones the smallest group.
 * Groups begin at 0; the last may be shorter.
 *
 * @param values row-major
 * @returns undefined where groups of every size are full, the axis is shorter than a group, or all values are zero
 */
export function nOfMStructure(shape: readonly number[], values: ArrayLike<number>): NOfM | undefined {
  const [inputs = 1, outputs = 1] = shape.slice(-2);
  const density = countNonzero(values) / values.length;
  const found = GROUP_SIZES.filter((m) => m <= inputs).map((m) => ({
    n: mostSurvivors(values, inputs, outputs, m),
    m,
  }));
  const structures = found.filter(({ n, m }) => n > 0 && n < m);
  const [tightest] = structures.toSorted((a, b) => a.n / a.m - b.n / b.m || a.m - b.m);
  return tightest && { ...tightest, chance: chanceOf(tightest, density, values.length / tightest.m) };
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

/** That of `groups` groups of m, each weight surviving with probability `density`, none holds more than n survivors. */
function chanceOf({ n, m }: { n: number; m: number }, density: number, groups: number): number {
  let more = 0;
  let ways = 1;
  for (let survivors = 0; survivors <= m; survivors++) {
    if (survivors > n) more += ways * density ** survivors * (1 - density) ** (m - survivors);
    ways = (ways * (m - survivors)) / (survivors + 1);
  }
  return Math.exp(groups * Math.log1p(-Math.min(1, more)));
}
