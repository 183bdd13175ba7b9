import { type PruningHparams, parseBlockEntry, parseSparsityEntry } from '../hparams/index.ts';
import { blockGrid } from './blocks.ts';
import { isKeptWhole, type NamedWeight } from './rules.ts';
import { weightSchedule } from './schedule.ts';
import { firstUpdateStep, lastUpdateStep } from './update-steps.ts';

/**
 * What these hparams cannot do in a run of `maxSteps` steps on a network with these weights, one line each, to be shown before
 * training starts: masks that never change, a sparsity that stops short of its target, entries of weight_sparsity_map,
 * block_dims_map and do_not_prune that match no weight or only such as are kept whole, and blocks that do not apply.
 */
export function pruningWarnings(
  hparams: PruningHparams,
  maxSteps: number,
  weights: readonly NamedWeight[],
): string[] {
  const names = weights.map(({ name }) => name);
  const unmatched = (
    hparam: 'weight_sparsity_map' | 'block_dims_map' | 'do_not_prune',
    matches: (entry: string, weight: string) => boolean | undefined,
  ) =>
    hparams[hparam]
      .filter((entry) => !names.some((weight) => matches(entry, weight)))
      .map((entry) => `${hparam}: ${entry} matches none of ${names.join(', ')}`);

  const keepsAllWhole = names.length > 0 && names.every((weight) => isKeptWhole(hparams, weight));

  return [
    ...stepWarnings(hparams, maxSteps, names),
    ...unmatched('weight_sparsity_map', (entry, weight) => parseSparsityEntry(entry)?.pattern.test(weight)),
    ...unmatched('block_dims_map', (entry, weight) => parseBlockEntry(entry)?.pattern.test(weight)),
    ...unmatched('do_not_prune', (entry, weight) => weight.includes(entry)),
    ...keptWholeWarnings(hparams, names),
    ...(keepsAllWhole ? ['do_not_prune keeps every weight whole'] : []),
    ...blockWarnings(hparams, weights),
  ];
}

function stepWarnings(hparams: PruningHparams, maxSteps: number, names: readonly string[]): string[] {
  const { begin_pruning_step, end_pruning_step, pruning_frequency } = hparams;
  const last = lastUpdateStep(hparams, maxSteps);
  if (last === undefined) {
    const first = firstUpdateStep(hparams);
    const end =
      first > maxSteps ? `training ends at step ${maxSteps}` : `end_pruning_step is ${end_pruning_step}`;
    const reason = `begin_pruning_step is ${begin_pruning_step}, pruning_frequency ${pruning_frequency}`;
    return [`nothing is ever pruned: masks could first change after step ${first} (${reason}), but ${end}`];
  }
  return targetsOf(hparams, names).flatMap(({ what, given, target }) => {
    const schedule = weightSchedule(hparams, target);
    const reached = schedule(last);
    if (reached === schedule(hparams.sparsity_function_end_step)) return [];
    return [
      `${what} stops at ${reached.toPrecision(4)}, ${given} is ${target}: masks change for the last time after ` +
        `step ${last}, sparsity_function_end_step is ${hparams.sparsity_function_end_step}`,
    ];
  });
}

/** The target sparsities that weights have, each once. */
function targetsOf(
  hparams: PruningHparams,
  names: readonly string[],
): { what: string; given: string; target: number }[] {
  const entries = hparams.weight_sparsity_map.flatMap((entry) => parseSparsityEntry(entry) ?? []);
  const pruned = names.filter((name) => !isKeptWhole(hparams, name));
  const own = entries.flatMap(({ entry, pattern, sparsity }) => {
    const matched = pruned.filter((name) => pattern.test(name));
    if (matched.length === 0) return [];
    const given = `its target in weight_sparsity_map, ${entry},`;
    return [{ what: `sparsity of ${matched.join(', ')}`, given, target: sparsity }];
  });
  const isCommon = pruned.some((name) => !entries.some(({ pattern }) => pattern.test(name)));
  const common = { what: 'sparsity', given: 'target_sparsity', target: hparams.target_sparsity };
  return isCommon || pruned.length === 0 ? [common, ...own] : own;
}

/** Entries of maps that match only weights that do_not_prune keeps whole. */
function keptWholeWarnings(hparams: PruningHparams, names: readonly string[]): string[] {
  const maps = {
    weight_sparsity_map: hparams.weight_sparsity_map.flatMap((entry) => parseSparsityEntry(entry) ?? []),
    block_dims_map: hparams.block_dims_map.flatMap((entry) => parseBlockEntry(entry) ?? []),
  };
  return Object.entries(maps).flatMap(([hparam, entries]) =>
    entries.flatMap(({ entry, pattern }) => {
      const matched = names.filter((name) => pattern.test(name));
      if (matched.length === 0 || !matched.every((name) => isKeptWhole(hparams, name))) return [];
      return [`${hparam}: ${entry} does nothing, since do_not_prune keeps ${matched.join(', ')} whole`];
    }),
  );
}

/** Blocks for weights that are pruned one by one, and ways to pool blocks that there are none of. */
function blockWarnings(hparams: PruningHparams, weights: readonly NamedWeight[]): string[] {
  const { block_height: height, block_width: width, block_pooling_function: pooling } = hparams;
  const entries = hparams.block_dims_map.flatMap((entry) => parseBlockEntry(entry) ?? []);
  const pruned = weights
    .filter(({ name }) => !isKeptWhole(hparams, name))
    .map((weight) => {
      const entry = entries.find(({ pattern }) => pattern.test(weight.name));
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
