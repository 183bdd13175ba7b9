import { OPERATIONS } from '../runtime/operations.ts';
import { FOLDS } from '../tensorflow/fold/folds.ts';
import { tensorInputs } from '../tensorflow/lookup.ts';
import { expectInputs } from '../tensorflow/node-error.ts';
import type { GraphDef } from '../wire/protos.ts';

const INPUTS = new Map(
  [...Object.entries(FOLDS), ...Object.entries(OPERATIONS)].map(([op, { inputs }]) => [op, inputs]),
);

/** @throws UserError `graph` if a node has too few or too many inputs for its operation; unknown operations are not checked */
export function expectOperands({ node: nodes }: GraphDef): void {
  for (const node of nodes) {
    const count = INPUTS.get(node.op);
    if (count !== undefined) expectInputs(node, tensorInputs(node), count);
  }
}
