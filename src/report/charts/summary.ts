import type { ReportData, ReportedRun } from '../report-data.ts';
import { sizesOf, timeOf, timingsOf } from './cost.ts';
import { groupsOf, present, type Spread, sparsityOf, spreadOf } from './groups.ts';

/** The results of runs that differ only in the seed. */
export interface SummaryRow {
  readonly label: string;
  readonly runs: number;
  readonly sparsity: Spread;
  readonly averages?: Spread;
  readonly raw?: Spread;
  readonly denseBytes?: Spread;
  readonly smallestBytes?: Spread;
  /** Times in the order of `timingsOf`. */
  readonly times: readonly (Spread | undefined)[];
}

export function summaryOf({ runs }: Pick<ReportData, 'runs'>): SummaryRow[] {
  const timings = timingsOf(runs);
  return groupsOf(runs).map((group) => {
    const spread = (of: (run: ReportedRun) => number | undefined) =>
      spreadOf(group.runs.map(of).filter(present));
    const averages = spread((run) => run.averages?.accuracy);
    const raw = spread((run) => run.raw?.accuracy);
    const denseBytes = spread((run) => sizesOf(run).dense?.bytes);
    const smallestBytes = spread((run) => sizesOf(run).smallest?.bytes);
    return {
      label: group.label,
      runs: group.runs.length,
      sparsity: sparsityOf(group),
      ...(averages && { averages }),
      ...(raw && { raw }),
      ...(denseBytes && { denseBytes }),
      ...(smallestBytes && { smallestBytes }),
      times: timings.map((timing) => spread((run) => timeOf(run, timing))),
    };
  });
}

/** The mean ± half the range; only the mean if all values are equal. */
export function plusMinus({ mean, min, max }: Spread, format: (value: number) => string): string {
  return min === max ? format(mean) : `${format(mean)} ± ${format((max - min) / 2)}`;
}
