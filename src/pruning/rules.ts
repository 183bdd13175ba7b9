import { UserError } from '../errors.ts';
import { hparamError } from '../hparams/errors.ts';
import { formatClause } from '../hparams/format.ts';
import type { PruningHparams } from '../hparams/index.ts';
import { type BlockGrid, blockGrid } from './blocks.ts';
import { entriesFor, isPruned, type MatchedHparams } from './matches.ts';
import { type SparsitySchedule, weightSchedule } from './schedule.ts';

/** How one weight tensor is pruned. */
export interface WeightRule {
  readonly name: string;
  readonly size: number;
  /** False where do_not_prune keeps the weight whole. */
  readonly pruned: boolean;
  readonly schedule: SparsitySchedule;
  /** Undefined where weights are pruned one by one. */
  readonly grid: BlockGrid | undefined;
}

/**
 * The rule of each weight, by name.
 *
 * @throws UserError `hparams` if two entries of a map match one weight; `argument` on an empty shape or a name given twice
 */
export function weightRules({ hparams, weights, maps }: MatchedHparams): ReadonlyMap<string, WeightRule> {
  const rules = new Map<string, WeightRule>();
  for (const { name, shape } of weights) {
    if (rules.has(name)) throw new UserError('argument', `pruning: the weight ${name} is named twice`);
    const size = shape.reduce((product, extent) => product * extent, 1);
    if (!Number.isInteger(size) || size < 1) {
      throw new UserError('argument', `pruning: ${name} has shape [${shape}], expected positive integers`);
    }
    const sparsities = entriesFor(maps.weight_sparsity_map, name);
    const blocks = entriesFor(maps.block_dims_map, name);
    const target = onlyEntry(sparsities, 'weight_sparsity_map', hparams, name)?.sparsity;
    const { block_height: height, block_width: width } = hparams;
    const block = onlyEntry(blocks, 'block_dims_map', hparams, name) ?? { height, width };
    rules.set(name, {
      name,
      size,
      pruned: isPruned(maps, name),
      schedule: weightSchedule(hparams, target),
      grid: blockGrid(shape, block),
    });
  }
  return rules;
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
