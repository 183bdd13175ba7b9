import { describe, expect, it } from 'vitest';
import { accuracyChart } from '../../src/report/charts/accuracy.ts';
import { sizeChart, sizesOf, timeChart, timingsOf } from '../../src/report/charts/cost.ts';
import { layerSparsityChart, valueAt } from '../../src/report/charts/curves.ts';
import { bytes, duration, milliseconds, percent } from '../../src/report/charts/format.ts';
import { groupsOf, sharedSettings, spreadOf } from '../../src/report/charts/groups.ts';
import { histogramChart } from '../../src/report/charts/histogram.ts';
import { paretoFront } from '../../src/report/charts/pareto.ts';
import { plusMinus, summaryOf } from '../../src/report/charts/summary.ts';
import { colourAt, DARK, LIGHT } from '../../src/report/charts/theme.ts';
import type { ReportedRun } from '../../src/report/report-data.ts';

function run(
  name: string,
  settings: Record<string, string>,
  accuracy?: number,
  rest: Partial<ReportedRun> = {},
): ReportedRun {
  return {
    name,
    folder: name,
    settings,
    step: 10,
    sparsity: Number(settings.target_sparsity ?? 0),
    ...(accuracy !== undefined && { averages: { accuracy } }),
    models: [],
    timings: [],
    curves: {},
    layers: [],
    mistakes: [],
    ...rest,
  };
}

const RUNS = [
  run('a', { seed: '1', target_sparsity: '0.9', batch_size: '128' }, 0.8),
  run('b', { seed: '1', target_sparsity: '0.5', batch_size: '128' }, 0.9),
  run('c', { seed: '2', batch_size: '128', target_sparsity: '0.9' }, 0.5),
];

describe('groups', () => {
  it('are of runs that differ in nothing but the seed, the densest first', () => {
    expect(groupsOf(RUNS).map(({ label, runs }) => [label, runs.map(({ name }) => name)])).toEqual([
      ['target_sparsity=0.5', ['b']],
      ['target_sparsity=0.9', ['a', 'c']],
    ]);
    expect(sharedSettings(RUNS)).toEqual([['batch_size', '128']]);
  });

  it('have a spread', () => {
    expect(spreadOf([3, 1, 5])).toEqual({ mean: 3, min: 1, max: 5, count: 3 });
    expect(spreadOf([])).toBeUndefined();
  });

  it('are summarized as a mean and half of the range', () => {
    const [dense, sparse] = summaryOf({ runs: RUNS });
    expect(plusMinus(sparse!.averages!, percent)).toBe('65.00% ± 15.00%');
    expect(plusMinus(dense!.averages!, percent)).toBe('90.00%');
    expect([dense!.runs, sparse!.runs]).toEqual([1, 2]);
    expect(sparse!.raw).toBeUndefined();
  });
});

describe('the Pareto front', () => {
  it('leaves out what costs more without being more accurate, and keeps equals', () => {
    const choices = [
      { cost: 3, accuracy: 0.9 },
      { cost: 1, accuracy: 0.5 },
      { cost: 2, accuracy: 0.5 },
      { cost: 1, accuracy: 0.4 },
      { cost: 3, accuracy: 0.9 },
      { cost: 4, accuracy: 0.8 },
    ];
    expect(paretoFront(choices)).toEqual([choices[1], choices[0], choices[4]]);
  });
});

interface Drawn {
  readonly name?: string;
  readonly type: string;
  readonly data: readonly unknown[];
}
const seriesOf = (chart: { option: Record<string, unknown> } | undefined) =>
  chart!.option.series as readonly Drawn[];

describe('plots', () => {
  it('have a band from the least to the most accurate seed, their mean, and each run', () => {
    const [low, height, mean, points] = seriesOf(accuracyChart(RUNS, LIGHT)).map(({ data }) => data);
    expect(low).toEqual([
      [0.5, 0.9],
      [0.9, 0.5],
    ]);
    expect(height).toEqual([
      [0.5, 0],
      [0.9, 0.8 - 0.5],
    ]);
    expect(mean).toEqual([
      [0.5, 0.9],
      [0.9, 0.65],
    ]);
    expect(points).toHaveLength(3);
    expect(accuracyChart(RUNS, LIGHT)!.alt).toContain('90.00% at 50.00% sparsity, 65.00% at 90.00% sparsity');
  });

  it('join no runs that differ in more than seed and sparsity', () => {
    const other = run('d', { seed: '1', target_sparsity: '0.9', batch_size: '64' }, 0.7);
    const names = new Set(seriesOf(accuracyChart([...RUNS, other], LIGHT)).map(({ name }) => name));
    expect([...names]).toEqual(['batch_size=128, moving averages', 'batch_size=64, moving averages']);
  });

  it('are left out where nothing is known', () => {
    const bare = [run('a', {})];
    expect(accuracyChart(bare, LIGHT)).toBeUndefined();
    expect(sizeChart(bare, LIGHT)).toBeUndefined();
    expect(timingsOf(bare)).toEqual([]);
  });

  it('set accuracy against sizes and times, and mark the front', () => {
    const model = (weightFormat: string, size: number) => ({
      format: 'pb',
      weightFormat,
      bytes: size,
      gzippedBytes: 1,
    });
    const models = [model('dense', 400), model('sparse', 100), model('sparse,int8', 50)];
    const timings = [{ batchSize: 1, threads: 2, millisecondsAnImage: 3 }];
    const runs = [run('a', {}, 0.8, { models, timings }), run('b', {}, 0.9, { models: [models[0]!] })];
    expect(sizesOf(runs[0]!)).toEqual({ dense: models[0], smallest: models[2] });
    expect(sizesOf(runs[1]!)).toEqual({ dense: models[0] });
    expect(seriesOf(sizeChart(runs, LIGHT))[0]!.data).toEqual([
      [50, 0.8],
      [400, 0.9],
    ]);
    expect(seriesOf(timeChart(runs, timingsOf(runs)[0]!, DARK))[1]).toMatchObject({
      name: 'batch 1, 2 threads',
      data: [{ value: [3, 0.8], tip: { title: 'a' } }],
    });
  });

  it('tell the last value of a curve at a step, and nothing beyond its ends', () => {
    const curve = { steps: [10, 20], values: [1, 2] };
    expect([9, 10, 19, 20, 21].map((step) => valueAt(curve, step))).toEqual([undefined, 1, 1, 2, undefined]);
  });

  it('tell the bin of a histogram', () => {
    const histogram = { low: -1, high: 1, counts: [5, 0, 7, 9], masked: 3 };
    const layer = { name: 'l', shape: [24], weights: 24, sparsity: 0.125, threshold: 0.1, histogram };
    const { tipAt, alt } = histogramChart(layer, LIGHT);
    expect([-1, 0.2, 1].map((x) => tipAt!(x)!.rows[0]!.value)).toEqual(['5', '7', '9']);
    expect([-1.1, 1.1].map((x) => tipAt!(x))).toEqual([undefined, undefined]);
    expect(alt).toContain('21 survive');
    expect(alt).toContain('3 are masked');
  });
});

describe('numbers', () => {
  it('are written for people', () => {
    expect([999, 4_275_000].map(bytes)).toEqual(['999 B', '4.28 MB']);
    expect([59.4, 61, 3700].map(duration)).toEqual(['59 s', '1 min 1 s', '1 h 1 min']);
    expect([0.12345, 12.345, 123.45].map(milliseconds)).toEqual(['0.123', '12.3', '123']);
  });

  it('have colours between those of a scale', () => {
    expect([0, 0.5, 1].map((place) => colourAt(['#000000', '#ff8000'], place))).toEqual([
      'rgb(0,0,0)',
      'rgb(128,64,0)',
      'rgb(255,128,0)',
    ]);
  });
});

describe('layers that are equally sparse', () => {
  it('are all seen: what is drawn over is wider', () => {
    const layer = (name: string, values: number[]) => ({ name, sparsityCurve: { steps: [1, 2], values } });
    const layers = [
      layer('a', [0.1, 0.9]),
      layer('b', [0.1, 0.9]),
      layer('c', [0.1, 0.5]),
      layer('d', [0.1, 0.9]),
    ];
    const chart = layerSparsityChart(
      { ...RUNS[0]!, layers: layers as unknown as ReportedRun['layers'] },
      LIGHT,
    );
    const series = (chart!.option as { series: { name: string; lineStyle: { width: number } }[] }).series;
    expect(series.map(({ name, lineStyle }) => [name, lineStyle.width])).toEqual([
      ['a', 4.5],
      ['b', 3],
      ['c', 1.5],
      ['d', 1.5],
    ]);
  });
});
