import { type Clause, splitClauses } from './clauses.ts';
import { hparamError } from './errors.ts';
import type { HparamValue } from './hparam.ts';
import { parseBoolean, parseInteger, parseNumber } from './literals.ts';
import type { PruningHparams } from './table.ts';
import { completeHparams, findHparam } from './validate.ts';

/**
 * Parses an hparams string in TensorFlow's grammar: clauses `name=value` or `name=[v1,v2,...]`, separated by commas. Hparams that it
 * does not name have their defaults, so the empty string means pruning to 50% by step 100.
 *
 * @throws UserError `hparams`, naming the clause and what was expected, on malformed text, an unknown name, a name that is assigned
 *   twice, a value of the wrong type or out of range, or an hparam that is not supported yet and not at its default
 */
export function parseHparams(text: string): PruningHparams {
  const clauses = splitClauses(text);
  const texts = new Map(clauses.map((clause) => [clause.name, clause.text]));
  return completeHparams(
    Object.fromEntries(clauses.map((clause) => [clause.name, parseValue(clause)])),
    texts,
  );
}

function parseValue({ text, name, value }: Clause): HparamValue {
  const { type, expected } = findHparam(name, text);
  if (type === 'list') {
    if (typeof value !== 'string') return value;
    throw hparamError(text, 'a single value is given for a list', `[v1,v2,...], each ${expected}`);
  }
  if (typeof value !== 'string') throw hparamError(text, 'a list is given for a single value', expected);
  const parsed = SCALAR_PARSERS[type](value);
  if (parsed === undefined) throw hparamError(text, `"${value}" is not of type ${type}`, expected);
  return parsed;
}

const SCALAR_PARSERS = {
  int: parseInteger,
  float: parseNumber,
  bool: parseBoolean,
  string: (text: string) => text,
};
