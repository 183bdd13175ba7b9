import { differingSettings } from '../csv.ts';
import type { ReportedRun } from '../report-data.ts';

/** Runs whose settings differ only in the seed. */
export interface RunGroup {
  /** The settings in which the group differs from others, or the name of its only run. */
  readonly label: string;
  readonly runs: readonly ReportedRun[];
}

export interface Spread {
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

const SEED = 'seed';

/** The groups in order of mean sparsity. */
export function groupsOf(runs: readonly ReportedRun[]): RunGroup[] {
  const told = differingSettings(runs).filter((name) => name !== SEED);
  const groups = groupedBy(runs, (run) => keyOf(run, [SEED]));
  return Array.from(groups.values(), (members) => ({ label: labelOf(members, told), runs: members })).sort(
    (one, other) => sparsityOf(one).mean - sparsityOf(other).mean,
  );
}

function labelOf(members: readonly ReportedRun[], told: readonly string[]): string {
  const [{ settings, name }] = members as readonly [ReportedRun];
  const parts = told
    .filter((each) => settings[each] !== undefined)
    .map((each) => `${each}=${settings[each]}`);
  return parts.join(', ') || (members.length === 1 ? name : 'all seeds');
}

/** The settings that are equal in all runs. */
export function sharedSettings(runs: readonly ReportedRun[]): [name: string, value: string][] {
  const differing = new Set(differingSettings(runs));
  return Object.entries(runs[0]?.settings ?? {}).filter(([name]) => !differing.has(name));
}

/** A key that is equal for runs whose settings are equal, except for the settings `without`. */
export function keyOf({ settings }: ReportedRun, without: readonly string[]): string {
  const entries = Object.entries(settings).filter(([name]) => !without.includes(name));
  return JSON.stringify(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** @returns undefined if there are no values */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, min: Math.min(...values), max: Math.max(...values), count: values.length };
}

export const sparsityOf = ({ runs }: RunGroup) => spreadOf(runs.map(({ sparsity }) => sparsity))!;

export const present = <Value>(value: Value | undefined): value is Value => value !== undefined;

export function groupedBy<Each>(
  items: readonly Each[],
  keyOfItem: (item: Each) => string,
): Map<string, Each[]> {
  const groups = new Map<string, Each[]>();
  for (const item of items) {
    const key = keyOfItem(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
