import { readdir, realpath } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { isFolder } from '../durable.ts';
import { UserError } from '../errors.ts';
import type { Settings } from '../sweep/planned-run.ts';
import { readSweep, runFolder } from '../sweep/sweep-folder.ts';

/** A train_dir, and what is known about it before its files are read. */
export interface FoundRun {
  readonly name: string;
  readonly folder: string;
  /** The settings that its sweep gave it. */
  readonly planned?: Settings;
}

/** How many levels of folders to search: enough for folders of folders of train_dirs, but not a whole home folder. */
const DEPTH = 3;
const TRAIN_DIR_FILE = /^(run\.json|checkpoint|model\.ckpt-\d+\.index)$/;

/**
 * The runs in some folders, each of which is a train_dir, a sweep_dir or a folder that contains some of these.
 *
 * @returns each run once: those of a sweep in its order, others by name
 * @throws UserError `file` if a folder is missing or has no run, or a sweep is damaged
 */
export async function findRuns(dirs: readonly string[]): Promise<FoundRun[]> {
  const found = new Map<string, FoundRun & { readonly dir: string }>();
  for (const dir of dirs) {
    if (!(await isFolder(dir)))
      throw new UserError(
        'file',
        `there is no folder ${dir}`,
        'Name the train_dir of a run, or a sweep_dir.',
      );
    const runs = await runsIn(dir, DEPTH);
    if (runs.length === 0)
      throw new UserError(
        'file',
        `${dir} holds no run, expected a train_dir, a sweep_dir or a folder that contains some of them`,
        'Train first: cifar10-prune train --train_dir=DIR, or name another folder.',
      );
    for (const run of runs) {
      const place = await realpath(run.folder).catch(() => resolve(run.folder));
      if (!found.has(place)) found.set(place, { ...run, name: nameIn(dir, run.folder), dir });
    }
  }
  const runs = [...found.values()];
  const counts = new Map<string, number>();
  for (const { name } of runs) counts.set(name, (counts.get(name) ?? 0) + 1);
  return runs.map(({ dir, ...run }) =>
    counts.get(run.name)! > 1 ? { ...run, name: join(run.folder) } : run,
  );
}

const nameIn = (dir: string, folder: string) => relative(dir, folder) || basename(resolve(dir));

async function runsIn(dir: string, depth: number): Promise<Omit<FoundRun, 'name'>[]> {
  const sweep = await readSweep(dir);
  if (sweep) return sweep.runs.map((run) => ({ folder: runFolder(dir, run), planned: run.settings }));
  const names = await readdir(dir);
  if (names.some((name) => TRAIN_DIR_FILE.test(name))) return [{ folder: dir }];
  if (depth === 0) return [];
  const runs: Omit<FoundRun, 'name'>[] = [];
  const isShown = (name: string) => !name.startsWith('.') && name !== 'node_modules';
  for (const name of names.filter(isShown).toSorted(byName)) {
    const path = join(dir, name);
    if (await isFolder(path)) runs.push(...(await runsIn(path, depth - 1)));
  }
  return runs;
}

const { compare: byName } = new Intl.Collator('en', { numeric: true });
