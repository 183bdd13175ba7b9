import { hparamError } from '../hparams/errors.ts';
import { formatClause } from '../hparams/format.ts';
import type { PruningHparams } from '../hparams/index.ts';
import { blockGrid, blocks } from './blocks.ts';
import { type Criterion, MAGNITUDE } from './criterion.ts';
import { entriesFor, isPruned, type MatchedHparams } from './matches.ts';
import { type SparsitySchedule, weightSchedule } from './schedule.ts';
import { SINGLE_WEIGHTS, type Structure } from './structure.ts';
import type { NamedWeight } from './weights.ts';

/** How the units of one structure are pruned: scored, ranked, and the schedule's share of them masked. */
export interface PruningRule {
  /** The tensors that the structure spans, in its order: one, unless units or thresholds are shared. */
  readonly weights: readonly NamedWeight[];
  readonly criterion: Criterion;
  readonly structure: Structure;
  readonly schedule: SparsitySchedule;
}

/**
 * The rules that hparams give: one for each weight, but for those of do_not_prune.
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

/** The one entry of a map that matches the weight. */
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
