import { parseHparams } from '../../src/hparams/index.ts';
import { type Criterion, MAGNITUDE } from '../../src/pruning/criterion.ts';
import { matchHparams } from '../../src/pruning/matches.ts';
import { type Pruning, pruningByRules } from '../../src/pruning/pruning.ts';
import type { PruningRule } from '../../src/pruning/rules.ts';
import type { Structure } from '../../src/pruning/structure.ts';
import type { NamedWeight } from '../../src/pruning/weights.ts';

/** Prunes some of `all` weights to a sparsity that does not change, by a structure, at every step unless `hparams` say otherwise. */
export function pruningBy(
  structure: Structure,
  weights: readonly NamedWeight[],
  sparsity: number,
  {
    criterion = MAGNITUDE,
    hparams = 'pruning_frequency=1',
    all = weights,
  }: { criterion?: Criterion; hparams?: string; all?: readonly NamedWeight[] } = {},
): Pruning {
  const rule: PruningRule = { weights, criterion, structure, schedule: () => sparsity };
  return pruningByRules(matchHparams(parseHparams(hparams), all), [rule]);
}
