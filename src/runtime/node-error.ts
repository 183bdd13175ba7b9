import { UserError } from '../errors.ts';
import type { NodeDef } from '../wire/protos.ts';

/** An error about one node of a graph. */
export function nodeError({ name, op }: NodeDef, problem: string, hint?: string): UserError {
  return new UserError('graph', `node ${name} (${op}) ${problem}`, hint);
}

/** @throws UserError `graph` unless a node has `count` inputs */
export function expectInputs(node: NodeDef, inputs: readonly unknown[], count: number): void {
  if (inputs.length !== count) throw nodeError(node, `has ${inputs.length} inputs, expected ${count}`);
}
