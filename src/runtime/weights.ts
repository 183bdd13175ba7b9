import type { GraphPlan } from '../engine/graph-plan.ts';

/** How much a graph multiplies by. */
export interface WeightCount {
  readonly values: number;
  readonly zeros: number;
}

/** The constants that convolutions and matrix products multiply by, each once, as they are after decoding. */
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
