import { UserError } from '../errors.ts';
import type { NodeDef } from '../wire/protos.ts';

const NAME_LENGTH = 200;
const PROBLEM_LENGTH = 300;

/** An error about one node of a graph, in one line however the file is damaged. */
export function nodeError({ name, op }: NodeDef, problem: string, hint?: string): UserError {
  const shown = `node ${printable(name, NAME_LENGTH)} (${printable(op, NAME_LENGTH)})`;
  return new UserError('graph', `${shown} ${printable(problem, PROBLEM_LENGTH)}`, hint);
}

/** A text on one line, cut where it is longer than `length`. */
export function printable(text: string, length: number): string {
  const cut = text.length > length ? `${text.slice(0, length)}...` : text;
  return cut.replace(/\p{Cc}/gu, '\ufffd');
}

/** @throws UserError `graph` unless a node has `count` inputs */
export function expectInputs(node: NodeDef, inputs: readonly unknown[], count: number): void {
  if (inputs.length !== count) throw nodeError(node, `has ${inputs.length} inputs, expected ${count}`);
}
