import { formatList, splitClauses } from '../../hparams/index.ts';
import type { Settings } from '../../sweep/planned-run.ts';
import { DEFAULT_MAX_STEPS, pruningEnd } from '../default-schedule.ts';
import type { Recipe } from './recipe.ts';
import { refuseUnknown } from './settings.ts';

/** The runs that a command line asks for. */
export interface AskedRuns {
  readonly recipe: Recipe | undefined;
  /** Values of `target_sparsity`. */
  readonly sparsity: readonly string[];
  readonly seeds: readonly number[];
  readonly grid: Readonly<Record<string, readonly string[]>>;
  /** Flags of train that all runs get. */
  readonly settings: Settings;
  readonly pruningHparams: string;
}

/**
 * The recipe of the file, if there is one, completed by the flags.
 *
 * @throws UserError `argument` on an axis that is unknown, `hparams` on malformed hparams
 */
export function completeRecipe(asked: AskedRuns): Recipe {
  for (const name of Object.keys(asked.grid)) refuseUnknown(name);
  const hparams = splitClauses(asked.pruningHparams).map(({ name, value }) => {
    refuseUnknown(name);
    return [name, typeof value === 'string' ? value : formatList(value)] as const;
  });
  const { settings = {}, grid = {}, runs = [] } = asked.recipe ?? {};
  const shared = {
    max_steps: String(DEFAULT_MAX_STEPS),
    ...settings,
    ...Object.fromEntries(hparams),
    ...asked.settings,
  };
  const axes = {
    ...grid,
    ...(asked.sparsity.length > 0 && { target_sparsity: asked.sparsity }),
    ...asked.grid,
    ...(asked.seeds.length > 0 && { seed: asked.seeds.map(String) }),
  };
  const isPaced = 'sparsity_function_end_step' in { ...shared, ...axes } || 'max_steps' in axes;
  return {
    settings: isPaced
      ? shared
      : { ...shared, sparsity_function_end_step: String(pruningEnd(Number(shared.max_steps))) },
    grid: axes,
    runs,
  };
}
