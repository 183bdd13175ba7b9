import { hparamError } from './errors.ts';

/** A `name=value` of an hparams string. */
export interface Clause {
  /** The clause as the user wrote it, without the comma after it. */
  readonly text: string;
  readonly name: string;
  /** The text of a single value, or the elements of a list. */
  readonly value: string | readonly string[];
}

// The grammar of tf.contrib.training.HParams.
const CLAUSE =
  /(?<name>[a-zA-Z][\w.]*)(?<index>\[\s*\d+\s*\])?\s*=\s*(?:(?<scalar>[^,[]*)|\[(?<list>[^\]]*)\])(?:,\s*|$)/y;
const CLAUSE_EXPECTED = 'name=value or name=[v1,v2,...]';

/**
 * Splits an hparams string such as `name=a,weight_sparsity_map=[conv1:0.8,local.*:0.95],` into clauses.
 *
 * @throws UserError `hparams` on malformed text, on `name[index]=value`, and on a name that is assigned twice
 */
export function splitClauses(hparams: string): Clause[] {
  const clauses = new Map<string, Clause>();
  for (let position = 0; position < hparams.length; ) {
    CLAUSE.lastIndex = position;
    const groups = CLAUSE.exec(hparams)?.groups;
    if (!groups) throw malformed(hparams.slice(position));
    const text = hparams.slice(position, CLAUSE.lastIndex).replace(/,\s*$/, '');
    position = CLAUSE.lastIndex;

    const { name = '', index, scalar, list = '' } = groups;
    if (index) throw hparamError(text, 'an element of a list cannot be assigned', CLAUSE_EXPECTED);
    if (clauses.has(name)) throw hparamError(text, `${name} is assigned twice`, 'each name once');
    clauses.set(name, { text, name, value: scalar?.trim() ?? list.split(/[\s,]+/).filter(Boolean) });
  }
  return [...clauses.values()];
}

function malformed(rest: string) {
  // The text up to the next comma outside brackets. An unclosed bracket extends to the end.
  const text = /^,?(?:\[[^\]]*(?:\]|$)|[^,])*/.exec(rest)?.[0] ?? rest;
  return hparamError(text, malformation(text), CLAUSE_EXPECTED);
}

function malformation(clause: string): string {
  if (clause.startsWith(',')) return 'the clause is empty';
  if (/^\s/.test(clause)) return 'there is a blank before the name';
  if (!/^[a-zA-Z]/.test(clause)) return 'the name does not start with a letter';
  if (!clause.includes('=')) return 'there is no "="';
  if (!/^[\w.]+(\[[^\]]*\])?\s*=/.test(clause))
    return 'the name holds more than letters, digits, "_" and "."';
  if (/\[[^\]]*$/.test(clause)) return 'the list has no closing "]"';
  return 'unexpected text next to the list';
}
