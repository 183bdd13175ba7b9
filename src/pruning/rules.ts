import { hparamError } from '../hparams/errors.ts';
import { formatClause } from '../hparams/format.ts';
import type { PruningHparams } from '../hparams/index.ts';
import { blockGrid, blocks } from './blocks.ts';
import { type Criterion, MAGNITUDE } from './criterion.ts';
import { entriesFor, isPruned, type MatchedHparams } from './matches.ts';
import { type SparsitySchedule, weightSchedule } from './schedule.ts';
import { SINGLE_WEIGHTS, type Structure } from './structure.ts';
import type { NamedWeight } from './weights.ts';

/** How the units of a structure are pruned: scored by the criterion, ranked, and masked up to the schedule's share. */
export interface PruningRule {
  /** The tensors that the structure spans, in its order. There are several only if they share units or a threshold. */
  readonly weights: readonly NamedWeight[];
  readonly criterion: Criterion;
  readonly structure: Structure;
  readonly schedule: SparsitySchedule;
}

/**
 * The rules that hparams describe: one for each weight, except those of do_not_prune.
 *
 * @throws UserError `hparams` if two entries of a map match one weight
 */
export function hparamRules({ hparams, weights, maps }: MatchedHparams): PruningRule[] {
  const rules = weights.map((weight): PruningRule => {
    const { name, shape } = weight;
    const sparsities = entriesFor(maps.weight_sparsity_map, name);
    const target = onlyEntry(sparsities, 'weight_sparsity_map', hparams, name)?.sparsity;
    const dims = entriesFor(maps.block_dims_map, name);
    const { block_height: height, block_width: width } = hparams;
    const block = onlyEntry(dims, 'block_dims_map', hparams, name) ?? { height, width };
    const grid = blockGrid(shape, block);
    return {
      weights: [weight],
      criterion: MAGNITUDE,
      structure: grid ? blocks(grid, hparams.block_pooling_function) : SINGLE_WEIGHTS,
      schedule: weightSchedule(hparams, target),
    };
  });
  return rules.filter(({ weights: [weight] }) => isPruned(maps, weight!.name));
}

/** The entry of a map that matches a weight, if any. @throws UserError `hparams` if several do */
function onlyEntry<Entry extends { readonly entry: string }>(
  matching: readonly Entry[],
  map: 'weight_sparsity_map' | 'block_dims_map',
  hparams: PruningHparams,
  weight: string,
): Entry | undefined {
  if (matching.length <= 1) return matching[0];
  throw hparamError(
    formatClause(map, hparams[map]),
    `${matching.map(({ entry }) => entry).join(' and ')} both match ${weight}`,
    'at most one entry for a weight',
  );
}
