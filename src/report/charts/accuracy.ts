import { printable } from '../../printable.ts';
import type { ReportedRun } from '../report-data.ts';
import { axes, type Chart, frame, type Tip } from './chart.ts';
import { percent, shortPercent } from './format.ts';
import { groupedBy, groupsOf, keyOf, present, type RunGroup, sparsityOf, spreadOf } from './groups.ts';
import type { Theme } from './theme.ts';

/** The points of a line: groups of runs that differ only in their target sparsity. */
interface Line {
  readonly label: string;
  readonly groups: readonly RunGroup[];
}

type Kind = 'averages' | 'raw';

const MOST_LINES = 6;
const KINDS: readonly { kind: Kind; label: string; symbol: string; dash: string }[] = [
  { kind: 'averages', label: 'moving averages', symbol: 'circle', dash: 'solid' },
  { kind: 'raw', label: 'raw weights', symbol: 'triangle', dash: 'dashed' },
];

/**
 * Accuracy against sparsity: a point for each run, a line through the means of runs that differ only in the seed, and a band
 * between their lowest and highest values.
 *
 * @returns undefined if no accuracy is known
 */
export function accuracyChart(runs: readonly ReportedRun[], theme: Theme): Chart | undefined {
  if (!runs.some(({ averages, raw }) => averages ?? raw)) return undefined;
  const lines = linesOf(runs);
  const series = lines.flatMap((line, index) =>
    KINDS.flatMap(({ kind, label, symbol, dash }, kindIndex) => {
      const colour = theme.series[(lines.length > 1 ? index : kindIndex) % theme.series.length]!;
      const name = lines.length > 1 ? `${line.label}, ${label}` : label;
      return seriesOf(line, kind, name, { colour, symbol, dash, isJoined: lines.length <= MOST_LINES });
    }),
  );
  return {
    alt: altOf(runs),
    option: {
      ...frame(theme),
      ...axes(
        theme,
        { name: 'sparsity', format: shortPercent },
        { name: 'accuracy on the test set', format: shortPercent },
      ),
      series,
    },
  };
}

function altOf(runs: readonly ReportedRun[]): string {
  const means = groupsOf(runs)
    .map((group) => ({ sparsity: sparsityOf(group).mean, accuracy: meanAccuracy(group) }))
    .filter(({ accuracy }) => accuracy !== undefined)
    .map(({ sparsity, accuracy }) => `${percent(accuracy!)} at ${percent(sparsity)} sparsity`);
  const shown = means.length > 6 ? [means[0], means.at(-1)] : means;
  return `Accuracy against sparsity, mean of seeds: ${shown.join(', ')}.`;
}

const meanAccuracy = ({ runs }: RunGroup) =>
  spreadOf(runs.map(({ averages, raw }) => (averages ?? raw)?.accuracy).filter(present))?.mean;

function linesOf(runs: readonly ReportedRun[]): Line[] {
  const alike = groupedBy(runs, (run) => keyOf(run, ['seed', 'target_sparsity']));
  const withoutTarget = runs.map((run) => {
    const { target_sparsity: _, ...settings } = run.settings;
    return { ...run, settings };
  });
  const labels = new Map(
    groupsOf(withoutTarget).map(({ label, runs: [run] }) => [keyOf(run!, ['seed']), label]),
  );
  return Array.from(alike, ([key, members]) => ({
    label: printable(labels.get(key)!),
    groups: groupsOf(members),
  }));
}

interface Look {
  readonly colour: string;
  readonly symbol: string;
  readonly dash: string;
  readonly isJoined: boolean;
}

function seriesOf(line: Line, kind: Kind, name: string, { colour, symbol, dash, isJoined }: Look) {
  const points = line.groups.flatMap(({ runs }) => runs).filter((run) => run[kind]);
  if (points.length === 0) return [];
  const spreads = line.groups
    .map((group) => ({
      sparsity: sparsityOf(group).mean,
      spread: spreadOf(group.runs.map((run) => run[kind]?.accuracy).filter(present)),
    }))
    .filter(({ spread }) => spread !== undefined);
  const hidden = {
    type: 'line',
    silent: true,
    symbol: 'none',
    stack: `${name} band`,
    lineStyle: { opacity: 0 },
  };
  const band = [
    { ...hidden, color: colour, data: spreads.map(({ sparsity, spread }) => [sparsity, spread!.min]) },
    {
      ...hidden,
      color: colour,
      areaStyle: { color: colour, opacity: 0.16 },
      data: spreads.map(({ sparsity, spread }) => [sparsity, spread!.max - spread!.min]),
    },
  ];
  const mean = {
    type: 'line',
    name,
    color: colour,
    silent: true,
    symbol: 'none',
    lineStyle: { color: colour, width: 2, type: dash },
    data: spreads.map(({ sparsity, spread }) => [sparsity, spread!.mean]),
  };
  const scatter = {
    type: 'scatter',
    name,
    color: colour,
    symbol,
    symbolSize: 8,
    itemStyle: { color: colour, opacity: 0.85 },
    data: points.map((run) => ({ value: [run.sparsity, run[kind]!.accuracy], tip: tipOf(run) })),
  };
  // Bands have the name of their line, so that the legend shows and hides both together.
  return isJoined ? [...band.map((each) => ({ ...each, name })), mean, scatter] : [scatter];
}

export function tipOf({ name, sparsity, averages, raw }: ReportedRun): Tip {
  return {
    title: printable(name),
    rows: [
      { label: 'sparsity', value: percent(sparsity) },
      ...(averages ? [{ label: 'moving averages', value: percent(averages.accuracy) }] : []),
      ...(raw ? [{ label: 'raw weights', value: percent(raw.accuracy) }] : []),
    ],
  };
}
