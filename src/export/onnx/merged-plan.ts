import type { PlannedOperation } from '../../engine/graph-plan.ts';
import { planGraph } from '../../runtime/plan.ts';
import type { GraphDef } from '../../wire/protos.ts';

/** The operations that compute several outputs, each once and after its inputs. */
export interface MergedPlan {
  readonly operations: readonly PlannedOperation[];
  readonly outputs: readonly { readonly name: string; readonly operation: number }[];
}

/** @throws UserError `graph` as `planGraph` does */
export function mergedPlan(graph: GraphDef, outputs: readonly string[]): MergedPlan {
  const operations: PlannedOperation[] = [];
  const indices = new Map<string, number>();
  const add = (operation: PlannedOperation, inputs: readonly number[]) =>
    indices.get(operation.name) ?? operations.push({ ...operation, inputs }) - 1;
  return {
    operations,
    outputs: outputs.map((name) => {
      const { plan } = planGraph(graph, name);
      const merged: number[] = [];
      for (const operation of plan.operations) {
        const index = add(
          operation,
          operation.inputs.map((input) => merged[input]!),
        );
        indices.set(operation.name, index);
        merged.push(index);
      }
      return { name, operation: merged[plan.output]! };
    }),
  };
}
