export interface Choice {
  readonly cost: number;
  readonly accuracy: number;
}

/** The choices on the Pareto front: no other is as accurate at less cost, or more accurate at the same cost. Ordered by cost; equal ones are all kept. */
export function paretoFront<Each extends Choice>(choices: readonly Each[]): Each[] {
  const sorted = choices.toSorted((one, other) => one.cost - other.cost || other.accuracy - one.accuracy);
  const front: Each[] = [];
  for (const choice of sorted) {
    const last = front.at(-1);
    const isEqual = last?.cost === choice.cost && last.accuracy === choice.accuracy;
    if (!last || isEqual || choice.accuracy > last.accuracy) front.push(choice);
  }
  return front;
}
