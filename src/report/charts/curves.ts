import { printable } from '../../printable.ts';
import type { Curve, ReportedRun } from '../report-data.ts';
import { axes, type Chart, frame, type TipRow } from './chart.ts';
import { count, number, percent, shortPercent } from './format.ts';
import { groupsOf, present } from './groups.ts';
import { colourAt, type Theme } from './theme.ts';

interface Drawn {
  readonly name: string;
  readonly curve: Curve;
  readonly colour: string;
}

interface Look {
  readonly axis: string;
  readonly format: (value: number) => string;
  readonly told: (value: number) => string;
  readonly legend?: boolean;
}

const FRACTION = { format: shortPercent, told: percent };
const TOLD_CURVES = 12;
/** Width of a curve that no other curve hides. */
const THIN = 1.5;

/** The colour of each run, by name: runs that differ only in the seed share one, and sparser runs are further along the scale. */
export function runColours(runs: readonly ReportedRun[], theme: Theme): ReadonlyMap<string, string> {
  const groups = groupsOf(runs);
  const last = Math.max(groups.length - 1, 1);
  return new Map(
    groups.flatMap((group, index) =>
      group.runs.map(({ name }) => [name, colourAt(theme.scale, groups.length === 1 ? 0.4 : index / last)]),
    ),
  );
}

export function sparsityChart(runs: readonly ReportedRun[], theme: Theme): Chart | undefined {
  const curves = ofRuns(runs, ({ curves: { sparsity } }) => sparsity, theme);
  return curvesChart(curves, 'Sparsity over the steps', { axis: 'sparsity', ...FRACTION }, theme);
}

export function lossChart(runs: readonly ReportedRun[], theme: Theme): Chart | undefined {
  const curves = ofRuns(runs, ({ curves: { totalLoss } }) => totalLoss, theme);
  return curvesChart(
    curves,
    'Loss over the steps',
    { axis: 'total loss, smoothed', format: number, told: number },
    theme,
  );
}

export function precisionChart(runs: readonly ReportedRun[], theme: Theme): Chart | undefined {
  const curves = ofRuns(runs, ({ curves: { precision } }) => precision, theme);
  const look = { axis: 'accuracy, moving averages', ...FRACTION };
  return curvesChart(curves, 'Accuracy of evaluations over the steps', look, theme);
}

export function layerSparsityChart({ layers }: ReportedRun, theme: Theme): Chart | undefined {
  const curves = layers.map(
    ({ name, sparsityCurve }, index) =>
      sparsityCurve && {
        name: printable(name),
        curve: sparsityCurve,
        colour: theme.series[index % theme.series.length]!,
      },
  );
  const look = { axis: 'sparsity of the mask', ...FRACTION, legend: true };
  return curvesChart(curves.filter(present), "Each layer's sparsity over the steps", look, theme);
}

function ofRuns(
  runs: readonly ReportedRun[],
  curveOf: (run: ReportedRun) => Curve | undefined,
  theme: Theme,
) {
  const colours = runColours(runs, theme);
  return runs
    .map((run) => {
      const curve = curveOf(run);
      return curve && { name: printable(run.name), curve, colour: colours.get(run.name)! };
    })
    .filter(present);
}

function curvesChart(
  curves: readonly Drawn[],
  what: string,
  { axis, format, told, legend = false }: Look,
  theme: Theme,
): Chart | undefined {
  const drawn = curves.filter(({ curve }) => curve.steps.length > 0);
  if (drawn.length === 0) return undefined;
  const ends = drawn.map(({ curve }) => curve.values.at(-1)!);
  const [low, high] = [Math.min(...ends), Math.max(...ends)].map(told);
  return {
    alt: `${what}; it ends at ${low === high ? low : `${low} to ${high}`}.`,
    option: {
      ...frame(theme, { legend }),
      ...axes(theme, { name: 'step', format: count }, { name: axis, format }),
      series: drawn.map(({ name, curve, colour }, index) => ({
        type: 'line',
        name,
        color: colour,
        showSymbol: curve.steps.length === 1,
        symbol: 'circle',
        lineStyle: { color: colour, width: THIN * (1 + timesDrawnOver(curve, drawn.slice(index + 1))) },
        data: curve.steps.map((step, index) => [step, curve.values[index]!]),
      })),
    },
    tipAt: (x) => {
      const rows = drawn
        .map(({ name, curve, colour }) => ({ name, colour, value: valueAt(curve, x) }))
        .filter(({ value }) => value !== undefined)
        .sort((one, other) => other.value! - one.value!)
        .map(({ name, colour, value }): TipRow => ({ label: name, value: told(value!), colour }));
      if (rows.length === 0) return undefined;
      const others = rows.length - TOLD_CURVES;
      return {
        title: `step ${count(Math.round(x))}`,
        rows:
          others > 0 ? [...rows.slice(0, TOLD_CURVES), { label: `and ${others} others`, value: '' }] : rows,
      };
    },
  };
}

/** How many of the curves that are drawn later cover this one exactly, so that it must be wider to be seen. */
function timesDrawnOver(curve: Curve, later: readonly Drawn[]): number {
  const same = (one: readonly number[], other: readonly number[]) =>
    one.length === other.length && one.every((value, index) => value === other[index]);
  return later.filter(
    (other) => same(curve.steps, other.curve.steps) && same(curve.values, other.curve.values),
  ).length;
}

/** The last value at or before a step; undefined before the first value and after the last. */
export function valueAt({ steps, values }: Curve, step: number): number | undefined {
  if (step > steps.at(-1)!) return undefined;
  return values[steps.findLastIndex((each) => each <= step)];
}
