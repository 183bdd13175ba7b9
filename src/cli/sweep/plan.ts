import { createHash } from 'node:crypto';
import { UserError } from '../../errors.ts';
import { parseHparams } from '../../hparams/index.ts';
import type { PlannedRun, Settings } from '../../sweep/planned-run.ts';
import type { Recipe } from './recipe.ts';
import { hparamsOf, trainFlagsOf } from './settings.ts';

/** More runs than this are probably a mistake. */
const MOST_RUNS = 10_000;

/**
 * The runs of a recipe: those of the grid, of which the last axis changes fastest, then those of `runs`.
 *
 * @throws UserError `argument` on no runs, too many runs, two equal runs or a wrong value of a flag; `hparams` on wrong hparams
 */
export function planRuns({ settings, grid, runs }: Recipe): readonly PlannedRun[] {
  const axes = Object.entries(grid);
  const size = axes.reduce((product, [, values]) => product * values.length, axes.length > 0 ? 1 : 0);
  if (size + runs.length > MOST_RUNS)
    throw new UserError(
      'argument',
      `the sweep has ${size + runs.length} runs, expected at most ${MOST_RUNS}`,
      'Give fewer values.',
    );
  const combinations = axes.reduce<readonly Settings[]>(
    (given, [axis, values]) => given.flatMap((run) => values.map((value) => ({ ...run, [axis]: value }))),
    axes.length > 0 ? [{}] : [],
  );
  const planned = [...combinations, ...runs].map((own) => ({
    name: nameOf(own),
    settings: { ...settings, ...own },
  }));
  if (planned.length === 0)
    throw new UserError('argument', 'the sweep has no runs', 'Give --sparsity=0,0.5,0.9 or a --recipe.');
  const names = planned.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UserError('argument', `the sweep has two runs ${twice}`);
  for (const run of planned) {
    trainFlagsOf(run.settings, '', undefined);
    parseHparams(hparamsOf(run.settings));
  }
  return planned;
}

const LONGEST_NAME = 100;

/** `name=value,...`. Characters that are special to shells or file systems are replaced; a digest then keeps such names distinct. */
function nameOf(settings: Settings): string {
  const told = Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
  if (told === '') return 'run';
  const plain = told.replace(/[^\w.,=+-]/g, '_');
  if (plain === told && told.length <= LONGEST_NAME) return told;
  const digest = createHash('sha256').update(told).digest('hex').slice(0, 8);
  return `${plain.slice(0, LONGEST_NAME)}-${digest}`;
}
