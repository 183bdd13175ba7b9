import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { NodeDef } from '../wire/protos.ts';

const PROBLEM_LENGTH = 300;

/** An error about one node of a graph, in one line however the file is damaged. */
export function nodeError({ name, op }: NodeDef, problem: string, hint?: string): UserError {
  const shown = `node ${printable(name)} (${printable(op)})`;
  return new UserError('graph', `${shown} ${printable(problem, PROBLEM_LENGTH)}`, hint);
}

/** @throws UserError `graph` unless a node has `count` inputs */
export function expectInputs(node: NodeDef, inputs: readonly unknown[], count: number): void {
  if (inputs.length !== count) throw nodeError(node, `has ${inputs.length} inputs, expected ${count}`);
}
