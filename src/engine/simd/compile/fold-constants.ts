import type { GraphPlan, PlannedOperation } from '../../graph-plan.ts';

/** Computes an operation on constants. @param plan the constants, then the operation */
export type Evaluate = (plan: GraphPlan) => Float32Array;

/** The plan with each operation whose inputs are all constants replaced by its result. */
export function foldConstants(plan: GraphPlan, evaluate: Evaluate): GraphPlan {
  const operations: PlannedOperation[] = [];
  for (const operation of plan.operations) {
    const inputs = operation.inputs.map((input) => operations[input]!);
    const foldable = inputs.length > 0 && inputs.every(({ compute }) => compute.op === 'Const');
    operations.push(foldable ? folded(operation, inputs, evaluate) : operation);
  }
  return { ...plan, operations };
}

function folded(
  operation: PlannedOperation,
  inputs: readonly PlannedOperation[],
  evaluate: Evaluate,
): PlannedOperation {
  const { name, shape, compute } = operation;
  const [first] = inputs;
  const values =
    compute.op === 'Reshape' && first?.compute.op === 'Const'
      ? first.compute.values
      : evaluate({
          operations: [...inputs, { ...operation, inputs: [...inputs.keys()] }],
          output: inputs.length,
        });
  return { name, shape, inputs: [], compute: { op: 'Const', shape, values } };
}
