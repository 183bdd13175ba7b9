import { formatList, splitClauses } from '../hparams/index.ts';
import type { Settings } from '../sweep/planned-run.ts';
import type { RunSettings } from '../train/index.ts';

/** Flags that do not decide a run's result: folders, engine and the like. */
const NOT_OF_THE_RUN = new Set([
  'data_dir',
  'data_url',
  'engine',
  'backend',
  'kernels',
  'threads',
  'log_device_placement',
]);

/** The settings of a run by name, as typed on a command line: those that its sweep gave it, then those stored with it. */
export function reportedSettings(planned: Settings, kept: RunSettings | undefined): Record<string, string> {
  const given = Object.entries(planned).filter(([name]) => !NOT_OF_THE_RUN.has(name));
  if (!kept) return Object.fromEntries(given);
  const { seed, dataset, batch_size, pruning_hparams } = kept;
  const hparams = splitClauses(pruning_hparams).map(
    ({ name, value }) => [name, typeof value === 'string' ? value : formatList(value)] as const,
  );
  return Object.fromEntries([
    ...given,
    ['seed', `${seed}`],
    ['dataset', dataset],
    ['batch_size', `${batch_size}`],
    ...hparams,
  ]);
}
