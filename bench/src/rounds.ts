/** Something to be timed again and again. */
export interface Entry {
  /** @returns some milliseconds */
  measure(): Promise<readonly number[]>;
}

/**
 * Takes samples of all entries in turn, round after round, so that whatever else befalls the machine befalls all of them. Each round
 * begins with another entry.
 *
 * @returns the samples of each entry, in the order of the entries
 */
export async function takeRounds(
  entries: readonly Entry[],
  rounds: number,
  onRound: (round: number) => void = () => undefined,
): Promise<number[][]> {
  const samples: number[][] = entries.map(() => []);
  for (let round = 0; round < rounds; round++) {
    onRound(round);
    const first = Math.floor((round * entries.length) / rounds);
    for (let turn = 0; turn < entries.length; turn++) {
      const which = (first + turn) % entries.length;
      samples[which]!.push(...(await entries[which]!.measure()));
    }
  }
  return samples;
}

/** @param values at least one */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
