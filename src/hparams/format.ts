import type { HparamValue } from './hparam.ts';
import { HPARAM_NAMES, type PruningHparams } from './table.ts';

/** `name=value` as the parser reads it. */
export function formatClause(name: string, value: HparamValue): string {
  return `${name}=${typeof value === 'object' ? `[${value.join(',')}]` : value}`;
}

/**
 * The canonical hparams string: every name, in the table's order. It parses back to the same values, so two sets of
 * hparams are equal when their strings are.
 */
export function formatHparams(hparams: PruningHparams): string {
  return HPARAM_NAMES.map((name) => formatClause(name, hparams[name])).join(',');
}
