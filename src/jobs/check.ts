import { UserError } from '../errors.ts';

/** @throws UserError `argument` unless each value is undefined or a whole number of at least 1 */
export function expectCounts(given: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value] of Object.entries(given))
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      throw new UserError('argument', `${name} is ${value}, expected a whole number from 1 on`);
}

/** @throws UserError `argument` unless `given` is undefined or one of `names` */
export function expectOneOf(what: string, names: readonly string[], given: string | undefined): void {
  if (given === undefined || names.includes(given)) return;
  throw new UserError('argument', `${what} is ${given}, expected one of ${names.join(' | ')}`);
}
