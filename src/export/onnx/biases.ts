import type { MergedPlan } from './merged-plan.ts';

/** An addition of biases that becomes part of the operation before it. */
export interface FusedBiases {
  /** Index of the convolution or matrix product. */
  readonly into: number;
  /** Index of the constant vector. */
  readonly biases: number;
}

/**
 * The additions, by their index, of a constant vector to the result of a convolution or a matrix product that nothing else
 * reads.
 */
export function fusedBiases({ operations, outputs }: MergedPlan): ReadonlyMap<number, FusedBiases> {
  const readers = new Array<number>(operations.length).fill(0);
  for (const { inputs } of operations) for (const input of inputs) readers[input]! += 1;
  for (const { operation } of outputs) readers[operation]! += 1;

  const takesBiases = (index: number) =>
    readers[index] === 1 && ['Conv2D', 'MatMul'].includes(operations[index]!.compute.op);
  const fused = new Map<number, FusedBiases>();
  operations.forEach(({ compute, inputs }, index) => {
    if (compute.op !== 'Add') return;
    const into = inputs.find(takesBiases);
    const biases = inputs.find((input) => input !== into);
    if (into === undefined || biases === undefined) return;
    const { compute: constant, shape } = operations[biases]!;
    const channels = operations[into]!.shape.at(-1);
    if (constant.op === 'Const' && shape.length === 1 && shape[0] === channels)
      fused.set(index, { into, biases });
  });
  return fused;
}
