import type { GraphPlan } from '../engine/graph-plan.ts';

/** The number of a graph's weights, and of those that are zero. */
export interface WeightCount {
  readonly values: number;
  readonly zeros: number;
}

/** Counts the decoded constants by which convolutions and matrix products multiply, each constant once. */
export function countWeights({ operations }: GraphPlan): WeightCount {
  const read = operations.flatMap(({ compute, inputs }) =>
    compute.op === 'Conv2D' || compute.op === 'MatMul' ? inputs : [],
  );
  let [values, zeros] = [0, 0];
  for (const index of new Set(read)) {
    const { compute } = operations[index]!;
    if (compute.op !== 'Const') continue;
    values += compute.values.length;
    for (const value of compute.values) if (value === 0) zeros++;
  }
  return { values, zeros };
}
