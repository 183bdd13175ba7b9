import type { HparamValue } from './hparam.ts';
import { DEFAULT_HPARAMS, HPARAM_NAMES, type PruningHparams } from './table.ts';

/** `name=value`, as the parser accepts it. */
export function formatClause(name: string, value: HparamValue): string {
  return `${name}=${typeof value === 'object' ? formatList(value) : value}`;
}

/** A list, as the parser accepts it: `[conv1:0.5,local.*:0.97]`. */
export const formatList = (values: readonly (string | number | boolean)[]) => `[${values.join(',')}]`;

/**
 * The canonical hparams string: all names, in the table's order. Parsing it gives the same values, so two sets of hparams are equal
 * if and only if their strings are.
 */
export function formatHparams(hparams: PruningHparams): string {
  return HPARAM_NAMES.map((name) => formatClause(name, hparams[name])).join(',');
}

/** As `formatHparams`, without the hparams that are at their defaults. */
export function formatChangedHparams(hparams: PruningHparams): string {
  return HPARAM_NAMES.map((name) => [
    formatClause(name, hparams[name]),
    formatClause(name, DEFAULT_HPARAMS[name]),
  ])
    .filter(([clause, unchanged]) => clause !== unchanged)
    .map(([clause]) => clause)
    .join(',');
}
