import { expect } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { loadFrozenModel } from '../../src/runtime/index.ts';

/** What is said, in one line, of a graph that is refused. */
export async function refusal(source: string | Uint8Array) {
  const error = await loadFrozenModel(source, { backend: 'cpu' }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  const { code, message, hint = '' } = error as UserError;
  expect(`${message}${hint}`).not.toContain('\n');
  return { code, message, hint };
}
