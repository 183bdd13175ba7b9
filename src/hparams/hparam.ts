import { isInt32 } from './literals.ts';

export type HparamType = 'int' | 'float' | 'bool' | 'string' | 'list';
export type HparamValue = number | boolean | string | readonly string[];

/** The definition of an hparam. Parser, help text and the table in docs/reference.md derive from it. */
export interface Hparam<Value extends HparamValue = HparamValue> {
  readonly type: HparamType;
  readonly default: Value;
  /** Its meaning, in one line. */
  readonly doc: string;
  /** What a value, or each element of a list, must be, as a noun phrase. */
  readonly expected: string;
  /** Whether a value, or an element of a list, has the type and range that `expected` describes. */
  accepts(value: unknown): boolean;
}

/** A list of entries that select weights by name. */
export interface MapHparam<Entry> extends Hparam<readonly string[]> {
  /** Parses an entry; undefined if it is not as `expected` says. */
  parse(entry: string): Entry | undefined;
}

/** A condition on values of a known type. */
export interface Range<Scalar> {
  readonly expected: string;
  accepts(value: Scalar): boolean;
}

const anyInteger: Range<number> = { expected: 'an integer of 32 bits', accepts: () => true };
const anyNumber: Range<number> = { expected: 'a finite number', accepts: () => true };
const anyString: Range<string> = { expected: 'a string', accepts: () => true };

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isString = (value: unknown): value is string => typeof value === 'string';

export function int(fallback: number, doc: string, range = anyInteger): Hparam<number> {
  const accepts = (value: unknown) => isInt32(value) && range.accepts(value);
  return { type: 'int', default: fallback, doc, expected: range.expected, accepts };
}

export function float(fallback: number, doc: string, range = anyNumber): Hparam<number> {
  const accepts = (value: unknown) => isNumber(value) && range.accepts(value);
  return { type: 'float', default: fallback, doc, expected: range.expected, accepts };
}

export function bool(fallback: boolean, doc: string): Hparam<boolean> {
  const accepts = (value: unknown) => typeof value === 'boolean';
  return { type: 'bool', default: fallback, doc, expected: 'true, false or an integer', accepts };
}

export function string(fallback: string, doc: string, range = anyString): Hparam<string> {
  const accepts = (value: unknown) => isString(value) && range.accepts(value);
  return { type: 'string', default: fallback, doc, expected: range.expected, accepts };
}

/** A string that is one of `choices`. The default is the first. */
export function choice<Choice extends string>(
  choices: readonly [Choice, ...Choice[]],
  doc: string,
): Hparam<Choice> {
  const accepts = (value: unknown) => choices.some((one) => one === value);
  return { type: 'string', default: choices[0], doc, expected: choices.join(' or '), accepts };
}

/** A list of strings. The default is empty, where TensorFlow has `['']`. */
export function list(doc: string, range = anyString): Hparam<readonly string[]> {
  const accepts = (value: unknown) => isString(value) && range.accepts(value);
  return { type: 'list', default: [], doc, expected: range.expected, accepts };
}

/** A list of strings that `parse` accepts. */
export function map<Entry>(
  doc: string,
  expected: string,
  parse: (entry: string) => Entry | undefined,
): MapHparam<Entry> {
  return { ...list(doc, { expected, accepts: (value) => parse(value) !== undefined }), parse };
}
