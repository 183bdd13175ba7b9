import { resolve } from 'node:path';
import type { PlannedRun } from '../../sweep/planned-run.ts';
import { programWords, quoted } from '../command-line.ts';

/** One command line for each run, for xargs, GNU parallel and other schedulers. */
export function commandLines(sweepDir: string, runs: readonly PlannedRun[]): string[] {
  return runs.map(({ name }) =>
    [...programWords(), 'sweep', `--sweep_dir=${resolve(sweepDir)}`, `--run=${name}`].map(quoted).join(' '),
  );
}

/**
 * Arguments of `sbatch` for an array job. Each of its tasks carries out the run at its index in the sweep, on the
 * cores that Slurm gives it. A minute before its time limit a task gets a signal to save a checkpoint; Slurm may
 * requeue it.
 *
 * @param indices the runs' places in the sweep
 * @param options further options of sbatch, separated by blanks
 */
export function sbatchArguments(
  sweepDir: string,
  indices: readonly number[],
  jobs: number | undefined,
  options: string,
): string[] {
  const call = [...programWords(), 'sweep', `--sweep_dir=${resolve(sweepDir)}`].map(quoted).join(' ');
  return [
    '--parsable',
    `--array=${ranges(indices)}${jobs === undefined ? '' : `%${jobs}`}`,
    '--job-name=cifar10-prune-sweep',
    `--output=${resolve(sweepDir)}/slurm-%A_%a.log`,
    '--open-mode=append',
    '--requeue',
    '--signal=B:TERM@60',
    ...options.split(' ').filter(Boolean),
    `--wrap=exec ${call} --index=$SLURM_ARRAY_TASK_ID --threads=$SLURM_CPUS_ON_NODE`,
  ];
}

/** `0-3,5` for 0, 1, 2, 3 and 5. */
export function ranges(sorted: readonly number[]): string {
  const parts: [first: number, last: number][] = [];
  for (const index of sorted) {
    const part = parts.at(-1);
    if (part && part[1] === index - 1) part[1] = index;
    else parts.push([index, index]);
  }
  return parts.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
