import type { PruningHparams } from '../hparams/index.ts';
import { blockGrid } from './blocks.ts';
import { entriesFor, isPruned, type MatchedHparams, matchHparams } from './matches.ts';
import { weightSchedule } from './schedule.ts';
import { firstUpdateStep, lastUpdateStep } from './update-steps.ts';
import type { NamedWeight } from './weights.ts';

/**
 * Warnings, one line each, to show before a run of `maxSteps` steps starts on a network with these weights: masks never change; a
 * sparsity stops short of its target; an entry of weight_sparsity_map, block_dims_map or do_not_prune matches no weight, or only
 * weights that are kept whole; blocks do not apply to a weight.
 */
export function pruningWarnings(
  hparams: PruningHparams,
  maxSteps: number,
  weights: readonly NamedWeight[],
): string[] {
  return matchedWarnings(matchHparams(hparams, weights), maxSteps);
}

/** As {@link pruningWarnings}, for hparams whose maps have been matched. */
export function matchedWarnings(matched: MatchedHparams, maxSteps: number): string[] {
  const { weights, maps } = matched;
  const keepsAllWhole = weights.length > 0 && weights.every(({ name }) => !isPruned(maps, name));
  return [
    ...stepWarnings(matched, maxSteps),
    ...unmatchedWarnings(matched),
    ...keptWholeWarnings(matched),
    ...(keepsAllWhole ? ['do_not_prune keeps every weight whole'] : []),
    ...blockWarnings(matched),
  ];
}

function unmatchedWarnings({ hparams, weights, maps }: MatchedHparams): string[] {
  const names = weights.map(({ name }) => name).join(', ');
  return (['weight_sparsity_map', 'block_dims_map', 'do_not_prune'] as const).flatMap((map) => {
    const matching = maps[map].filter((entry) => entry.weights.length > 0).map(({ entry }) => entry);
    return hparams[map]
      .filter((entry) => !matching.includes(entry))
      .map((entry) => `${map}: ${entry} matches none of ${names}`);
  });
}

function stepWarnings(matched: MatchedHparams, maxSteps: number): string[] {
  const { hparams } = matched;
  const { begin_pruning_step, end_pruning_step, pruning_frequency } = hparams;
  const last = lastUpdateStep(hparams, maxSteps);
  if (last === undefined) {
    const first = firstUpdateStep(hparams);
    const end =
      first > maxSteps ? `training ends at step ${maxSteps}` : `end_pruning_step is ${end_pruning_step}`;
    const reason = `begin_pruning_step is ${begin_pruning_step}, pruning_frequency ${pruning_frequency}`;
    return [`nothing is ever pruned: masks could first change after step ${first} (${reason}), but ${end}`];
  }
  return targetsOf(matched).flatMap(({ what, given, target }) => {
    const schedule = weightSchedule(hparams, target);
    const reached = schedule(last);
    if (reached === schedule(hparams.sparsity_function_end_step)) return [];
    return [
      `${what} stops at ${reached.toPrecision(4)}, ${given} is ${target}: masks change for the last time after ` +
        `step ${last}, sparsity_function_end_step is ${hparams.sparsity_function_end_step}`,
    ];
  });
}

/** The distinct target sparsities of weights, with the words that name them. */
function targetsOf({
  hparams,
  weights,
  maps,
}: MatchedHparams): { what: string; given: string; target: number }[] {
  const pruned = weights.map(({ name }) => name).filter((name) => isPruned(maps, name));
  const own = maps.weight_sparsity_map.flatMap(({ entry, sparsity, weights }) => {
    const matching = weights.filter((name) => pruned.includes(name));
    if (matching.length === 0) return [];
    const given = `its target in weight_sparsity_map, ${entry},`;
    return [{ what: `sparsity of ${matching.join(', ')}`, given, target: sparsity }];
  });
  const isCommon = pruned.some((name) => entriesFor(maps.weight_sparsity_map, name).length === 0);
  const common = { what: 'sparsity', given: 'target_sparsity', target: hparams.target_sparsity };
  return isCommon || pruned.length === 0 ? [common, ...own] : own;
}

/** Warnings about entries of maps that match only weights that do_not_prune keeps whole. */
function keptWholeWarnings({ maps }: MatchedHparams): string[] {
  return (['weight_sparsity_map', 'block_dims_map'] as const).flatMap((map) =>
    maps[map].flatMap(({ entry, weights }) => {
      if (weights.length === 0 || weights.some((name) => isPruned(maps, name))) return [];
      return [`${map}: ${entry} does nothing, since do_not_prune keeps ${weights.join(', ')} whole`];
    }),
  );
}

/** Warnings about blocks for weights that are pruned one by one, and about a block_pooling_function without blocks. */
function blockWarnings({ hparams, weights, maps }: MatchedHparams): string[] {
  const { block_height: height, block_width: width, block_pooling_function: pooling } = hparams;
  const pruned = weights
    .filter(({ name }) => isPruned(maps, name))
    .map((weight) => {
      const [entry] = entriesFor(maps.block_dims_map, weight.name);
      const given = entry
        ? `block_dims_map: ${entry.entry} does`
        : `block_height=${height}, block_width=${width} do`;
      const block = entry ?? { height, width };
      return { ...weight, given, block, grid: blockGrid(weight.shape, block) };
    });
  const without = pruned.filter(({ block, grid }) => !grid && isBlock(block));
  const lines = without.map(
    ({ name, shape, given }) =>
      `${given} nothing to ${name}, whose shape [${shape.join(', ')}] is no matrix: its weights are pruned one by one`,
  );
  if (pooling === 'AVG' || weights.length === 0 || pruned.some(({ grid }) => grid)) return lines;
  return [...lines, `block_pooling_function=${pooling} does nothing: no weight is pruned by blocks`];
}

const isBlock = ({ height, width }: { height: number; width: number }) => height !== 1 || width !== 1;
