import { closest } from 'fastest-levenshtein';
import { hparamError } from './errors.ts';
import { formatClause } from './format.ts';
import type { Hparam, HparamValue } from './hparam.ts';
import {
  DEFAULT_HPARAMS,
  HPARAM_NAMES,
  type PruningHparams,
  SUPPORTED_HPARAMS,
  UNSUPPORTED_HPARAMS,
} from './table.ts';

const ALL_HPARAMS: ReadonlyMap<string, Hparam> = new Map(
  Object.entries<Hparam>({ ...SUPPORTED_HPARAMS, ...UNSUPPORTED_HPARAMS }),
);

/**
 * Completes hparams with the defaults.
 *
 * @throws UserError `hparams` on an unknown name, a value of the wrong type or out of range, a begin step that is not before its end
 *   step, or an hparam that is not supported yet and not at its default
 */
export function withDefaults(values: Partial<PruningHparams>): PruningHparams {
  return completeHparams(values, new Map());
}

/** As `withDefaults`, for values of any name. @param texts the clauses as the user wrote them, by name, for errors */
export function completeHparams(
  values: Readonly<Record<string, HparamValue>>,
  texts: ReadonlyMap<string, string>,
): PruningHparams {
  const supported: Record<string, HparamValue> = {};
  for (const [name, value] of Object.entries(values)) {
    const clause = texts.get(name) ?? formatClause(name, value);
    const hparam = findHparam(name, clause);
    checkValue(hparam, value, clause);
    if (Object.hasOwn(SUPPORTED_HPARAMS, name)) supported[name] = value;
    else refuseUnlessDefault(name, hparam, value, clause);
  }
  const hparams: PruningHparams = { ...DEFAULT_HPARAMS, ...supported };
  checkSteps(hparams);
  return hparams;
}

/** Finds an hparam, supported or not. @throws UserError `hparams`, naming the nearest known name, if there is none */
export function findHparam(name: string, clause: string): Hparam {
  const hparam = ALL_HPARAMS.get(name);
  if (hparam) return hparam;
  const nearest = closest(name, [...ALL_HPARAMS.keys()]);
  const hint = `Use one of ${HPARAM_NAMES.join(', ')}.`;
  throw hparamError(clause, `${name} is unknown`, `a known name, the nearest is ${nearest}`, hint);
}

function checkValue(hparam: Hparam, value: HparamValue, clause: string) {
  if (hparam.type !== 'list') {
    if (!hparam.accepts(value)) throw hparamError(clause, `"${value}" is refused`, hparam.expected);
    return;
  }
  if (!Array.isArray(value))
    throw hparamError(clause, `"${value}" is no list`, `a list, each ${hparam.expected}`);
  const refused = value.find((element) => !hparam.accepts(element));
  if (refused !== undefined) throw hparamError(clause, `"${refused}" is refused`, hparam.expected);
}

function refuseUnlessDefault(name: string, hparam: Hparam, value: HparamValue, clause: string) {
  const standard = formatClause(name, hparam.default);
  if (formatClause(name, value) === standard) return;
  throw hparamError(clause, `${name} is not supported yet`, `its default ${standard}`, `Leave ${name} out.`);
}

function checkSteps(hparams: PruningHparams) {
  const { begin_pruning_step, end_pruning_step } = hparams;
  if (end_pruning_step !== -1 && begin_pruning_step >= end_pruning_step) {
    const clause = stepsClause(hparams, 'begin_pruning_step', 'end_pruning_step');
    const expected = 'begin_pruning_step < end_pruning_step, or end_pruning_step=-1';
    throw hparamError(clause, 'pruning ends before it begins', expected);
  }
  if (hparams.sparsity_function_begin_step >= hparams.sparsity_function_end_step) {
    const clause = stepsClause(hparams, 'sparsity_function_begin_step', 'sparsity_function_end_step');
    const expected = 'sparsity_function_begin_step < sparsity_function_end_step';
    throw hparamError(clause, 'the sparsity function ends before it begins', expected);
  }
}

function stepsClause(hparams: PruningHparams, ...names: (keyof PruningHparams)[]): string {
  return names.map((name) => formatClause(name, hparams[name])).join(',');
}
