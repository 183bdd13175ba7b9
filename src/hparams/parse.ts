import { type Clause, splitClauses } from './clauses.ts';
import { hparamError } from './errors.ts';
import type { HparamValue } from './hparam.ts';
import { parseBoolean, parseInteger, parseNumber } from './literals.ts';
import type { PruningHparams } from './table.ts';
import { completeHparams, findHparam } from './validate.ts';

/**
 * Reads an hparams string in TensorFlow's grammar: clauses `name=value` or `name=[v1,v2,...]` between commas. What the
 * string does not name keeps its default, so the empty string means pruning to 50% by step 100.
 *
 * @throws UserError `hparams`, naming the clause and what was expected, on malformed text, an unknown name, a name
 *   assigned twice, a value of the wrong type or out of range, and on what is not supported yet
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
    throw hparamError(text, 'one value stands where a list belongs', `[v1,v2,...], each ${expected}`);
  }
  if (typeof value !== 'string') throw hparamError(text, 'a list stands where one value belongs', expected);
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
