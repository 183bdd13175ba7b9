import { UserError } from '../errors.ts';
import type { NodeDef } from '../wire/protos.ts';

/** An error about one node of a graph. */
export function nodeError({ name, op }: NodeDef, problem: string, hint?: string): UserError {
  return new UserError('graph', `node ${name} (${op}) ${problem}`, hint);
}
