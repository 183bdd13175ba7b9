import { type PruningHparams, parseBlockEntry, parseSparsityEntry } from '../hparams/index.ts';
import { isKeptWhole } from './rules.ts';
import { weightSchedule } from './schedule.ts';
import { firstUpdateStep, lastUpdateStep } from './update-steps.ts';

/**
 * What these hparams cannot do in a run of `maxSteps` steps on a network with weights of these names, one line each, to be
 * shown before training starts: masks that never change, a sparsity that stops short of its target, entries of
 * weight_sparsity_map, block_dims_map and do_not_prune that match no weight.
 */
export function pruningWarnings(
  hparams: PruningHparams,
  maxSteps: number,
  weightNames: readonly string[],
): string[] {
  const unmatched = (
    hparam: 'weight_sparsity_map' | 'block_dims_map' | 'do_not_prune',
    matches: (entry: string, weight: string) => boolean | undefined,
  ) =>
    hparams[hparam]
      .filter((entry) => !weightNames.some((weight) => matches(entry, weight)))
      .map((entry) => `${hparam}: ${entry} matches none of ${weightNames.join(', ')}`);

  const keepsAllWhole = weightNames.length > 0 && weightNames.every((weight) => isKeptWhole(hparams, weight));

  return [
    ...stepWarnings(hparams, maxSteps),
    ...unmatched('weight_sparsity_map', (entry, weight) => parseSparsityEntry(entry)?.pattern.test(weight)),
    ...unmatched('block_dims_map', (entry, weight) => parseBlockEntry(entry)?.pattern.test(weight)),
    ...unmatched('do_not_prune', (entry, weight) => weight.includes(entry)),
    ...(keepsAllWhole ? ['do_not_prune keeps every weight whole'] : []),
  ];
}

function stepWarnings(hparams: PruningHparams, maxSteps: number): string[] {
  const { begin_pruning_step, end_pruning_step, pruning_frequency } = hparams;
  const last = lastUpdateStep(hparams, maxSteps);
  if (last === undefined) {
    const first = firstUpdateStep(hparams);
    const end =
      first > maxSteps ? `training ends at step ${maxSteps}` : `end_pruning_step is ${end_pruning_step}`;
    const reason = `begin_pruning_step is ${begin_pruning_step}, pruning_frequency ${pruning_frequency}`;
    return [`nothing is ever pruned: masks could first change after step ${first} (${reason}), but ${end}`];
  }
  const schedule = weightSchedule(hparams);
  const reached = schedule(last);
  if (reached === schedule(hparams.sparsity_function_end_step)) return [];
  return [
    `sparsity stops at ${reached.toPrecision(4)}, target_sparsity is ${hparams.target_sparsity}: masks change for the last time after ` +
      `step ${last}, sparsity_function_end_step is ${hparams.sparsity_function_end_step}`,
  ];
}
