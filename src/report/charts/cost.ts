import type { ReportedModel, ReportedRun, ReportedTime } from '../report-data.ts';
import { tipOf } from './accuracy.ts';
import { axes, type Chart, frame } from './chart.ts';
import { bytes, count, milliseconds, percent, shortPercent } from './format.ts';
import { groupedBy, present } from './groups.ts';
import { paretoFront } from './pareto.ts';
import type { Theme } from './theme.ts';

interface Point {
  readonly run: ReportedRun;
  readonly kind: string;
  readonly cost: number;
  readonly accuracy: number;
  /** Text of the cost, for the tooltip. */
  readonly told: string;
}

interface Look {
  readonly axis: string;
  readonly what: string;
  readonly format: (value: number) => string;
  readonly log?: boolean;
}

/** Batch size and threads with which a time was measured. */
export type Timing = Pick<ReportedTime, 'batchSize' | 'threads'>;

/** The model with dense weights, and the smallest model of a run. */
export function sizesOf({ models }: ReportedRun): { dense?: ReportedModel; smallest?: ReportedModel } {
  const smallest = models.toSorted((one, other) => one.bytes - other.bytes)[0];
  const dense = models.filter(({ weightFormat }) => weightFormat === 'dense');
  const sameFormat = dense.find(({ format }) => format === smallest?.format) ?? dense[0];
  return {
    ...(sameFormat && { dense: sameFormat }),
    ...(smallest && smallest !== sameFormat && { smallest }),
  };
}

/** Accuracy against the bytes of exported models. @returns undefined if no run has a model and an accuracy */
export function sizeChart(runs: readonly ReportedRun[], theme: Theme): Chart | undefined {
  const points = runs.flatMap((run) => {
    const { dense, smallest } = sizesOf(run);
    return [dense, smallest]
      .filter(present)
      .map((model) => pointOf(run, model.weightFormat, model.bytes, toldOf(model)));
  });
  return costChart(
    points.filter(present),
    { axis: 'bytes of the model', what: 'bytes', format: bytes, log: true },
    theme,
  );
}

const toldOf = ({ format, weightFormat, bytes: size }: ReportedModel) =>
  `${count(size)} B (${format}, ${weightFormat})`;

/** All combinations of batch size and threads, in the order in which the runs have them. */
export function timingsOf(runs: readonly ReportedRun[]): Timing[] {
  const all = new Map(
    runs
      .flatMap(({ timings }) => timings)
      .map(({ batchSize, threads }) => [
        `${batchSize} ${threads}`,
        { batchSize, ...(threads !== undefined && { threads }) },
      ]),
  );
  return [...all.values()];
}

export function timeOf({ timings }: ReportedRun, { batchSize, threads }: Timing): number | undefined {
  return timings.find((each) => each.batchSize === batchSize && each.threads === threads)
    ?.millisecondsAnImage;
}

export const timingLabel = ({ batchSize, threads = 1 }: Timing) =>
  `batch ${batchSize}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;

/** Accuracy against the time of an image. @returns undefined if no run has both */
export function timeChart(runs: readonly ReportedRun[], timing: Timing, theme: Theme): Chart | undefined {
  const points = runs.map((run) => {
    const time = timeOf(run, timing);
    return time === undefined
      ? undefined
      : pointOf(run, timingLabel(timing), time, `${milliseconds(time)} ms`);
  });
  const look = { axis: `ms an image, ${timingLabel(timing)}`, what: 'milliseconds an image' };
  return costChart(
    points.filter(present),
    { ...look, format: (value) => `${Number(value.toPrecision(3))}` },
    theme,
  );
}

function pointOf(run: ReportedRun, kind: string, cost: number, told: string): Point | undefined {
  const accuracy = (run.averages ?? run.raw)?.accuracy;
  return accuracy === undefined ? undefined : { run, kind, cost, accuracy, told };
}

const SYMBOLS = ['circle', 'triangle', 'rect', 'diamond'];

function costChart(
  points: readonly Point[],
  { axis, what, format, log = false }: Look,
  theme: Theme,
): Chart | undefined {
  if (points.length === 0) return undefined;
  const front = paretoFront(points);
  const onFront = new Set(front);
  const kinds = [...groupedBy(points, ({ kind }) => kind)];
  const [best, least] = [front.at(-1)!, front[0]!];
  return {
    alt:
      `Accuracy against ${what}. On the Pareto front: from ${percent(least.accuracy)} at ${least.told} ` +
      `to ${percent(best.accuracy)} at ${best.told}.`,
    option: {
      ...frame(theme),
      ...axes(theme, { name: axis, format, log }, { name: 'accuracy on the test set', format: shortPercent }),
      series: [
        {
          type: 'line',
          name: 'Pareto front',
          silent: true,
          symbol: 'none',
          step: 'end',
          color: theme.muted,
          lineStyle: { color: theme.muted, width: 1.5, type: 'dashed' },
          data: front.map(({ cost, accuracy }) => [cost, accuracy]),
        },
        ...kinds.map(([name, members], index) => {
          const colour = theme.series[index % theme.series.length]!;
          return {
            type: 'scatter',
            name,
            color: colour,
            symbol: SYMBOLS[index % SYMBOLS.length],
            data: members.map((point) => {
              const { run, cost, accuracy, told } = point;
              const { title, rows } = tipOf(run);
              const isOnFront = onFront.has(point);
              return {
                value: [cost, accuracy],
                symbolSize: isOnFront ? 12 : 8,
                itemStyle: isOnFront
                  ? { color: colour, borderColor: theme.text, borderWidth: 1.5 }
                  : { color: colour, opacity: 0.75 },
                tip: {
                  title,
                  rows: [{ label: what, value: told }, ...rows, ...(isOnFront ? [ON_FRONT] : [])],
                },
              };
            }),
          };
        }),
      ],
    },
  };
}

const ON_FRONT = { label: 'Pareto front', value: 'yes' };
