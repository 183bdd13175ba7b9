import { closest } from 'fastest-levenshtein';
import { UserError } from '../../errors.ts';
import { SUPPORTED_HPARAMS } from '../../hparams/index.ts';
import type { Settings } from '../../sweep/planned-run.ts';
import { type TrainFlags, trainFlags } from '../commands/train.ts';
import { defaultValues, type Flag } from '../flag.ts';

/** Flags that the sweep decides itself; hparams are given one by one. */
const OWN = new Set(['train_dir', 'pruning_hparams', 'overwrite', 'override_hparams', 'evaluate', 'json']);

const FLAGS: Readonly<Record<string, Flag>> = Object.fromEntries(
  Object.values(trainFlags)
    .flatMap((group) => Object.entries<Flag>(group))
    .filter(([name]) => !OWN.has(name)),
);

/** All names that a run can set, with one line of documentation each: flags of train first, then hparams. */
export const SETTABLE: ReadonlyMap<string, string> = new Map([
  ...Object.entries(FLAGS).map(([name, { doc }]) => [name, doc] as const),
  ...Object.entries(SUPPORTED_HPARAMS).map(([name, { doc }]) => [name, doc] as const),
]);

/** @throws UserError `argument` on a name that no run can be given */
export function refuseUnknown(name: string): void {
  if (SETTABLE.has(name)) return;
  throw new UserError(
    'argument',
    `${name} is neither a flag of train that a sweep can set nor an hparam`,
    `Give another name, such as ${closest(name, [...SETTABLE.keys()])}.`,
  );
}

/**
 * The flags of `train` for a run.
 *
 * @param threads number of threads to compute on, unless the settings say otherwise
 * @throws UserError `argument` if a flag's value is not what is expected; hparams are checked when the run starts
 */
export function trainFlagsOf(settings: Settings, trainDir: string, threads: number | undefined): TrainFlags {
  const flags = Object.entries(settings).filter(([name]) => name in FLAGS);
  return {
    ...defaultValues(trainFlags),
    threads,
    ...(Object.fromEntries(
      flags.map(([name, text]) => [name, parseFlag(name, text)]),
    ) as Partial<TrainFlags>),
    pruning_hparams: hparamsOf(settings),
    train_dir: trainDir,
  };
}

/** The hparams string of a run. */
export function hparamsOf(settings: Settings): string {
  const clauses = Object.entries(settings).filter(([name]) => !(name in FLAGS));
  return clauses.map(([name, text]) => `${name}=${text}`).join(',');
}

function parseFlag(name: string, text: string): unknown {
  const { parse, expected } = FLAGS[name]!;
  const value = parse(text);
  if (value !== undefined) return value;
  throw new UserError('argument', `${name}: ${text}: expected ${expected}`);
}
