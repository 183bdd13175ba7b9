import { init, use } from 'echarts/core';
import type { ReportData, ReportedRun } from '../report-data.ts';
import { accuracyChart } from './accuracy.ts';
import type { Chart } from './chart.ts';
import { confusionChart } from './confusion.ts';
import { sizeChart, timeChart, timingsOf } from './cost.ts';
import { layerSparsityChart, lossChart, precisionChart, sparsityChart } from './curves.ts';
import { CHART_PARTS } from './parts.ts';
import { LIGHT } from './theme.ts';

use(CHART_PARTS);

const SIZE = { width: 640, height: 400 };
const SQUARE = { width: 560, height: 560 };

/** All plots as SVG, by file name. Plots of which a run has no data are left out. */
export function pictures({ runs, classNames }: ReportData): Map<string, string> {
  const files = new Map<string, string>();
  const add = (name: string, chart: Chart | undefined, size = SIZE) => {
    if (chart) files.set(`${name}.svg`, svg(chart, size));
  };
  add('accuracy-by-sparsity', accuracyChart(runs, LIGHT));
  add('accuracy-by-bytes', sizeChart(runs, LIGHT));
  for (const timing of timingsOf(runs)) {
    const { batchSize, threads = 1 } = timing;
    add(`accuracy-by-ms-batch-${batchSize}-threads-${threads}`, timeChart(runs, timing, LIGHT));
  }
  add('sparsity', sparsityChart(runs, LIGHT));
  add('loss', lossChart(runs, LIGHT));
  add('precision', precisionChart(runs, LIGHT));
  const names = fileNames(runs);
  for (const [index, run] of runs.entries()) {
    add(`layers-${names[index]}`, layerSparsityChart(run, LIGHT));
    add(`confusion-${names[index]}`, confusionChart(run.averages ?? run.raw, classNames, LIGHT), SQUARE);
  }
  return files;
}

const NAME_LENGTH = 80;

/** A name for each run, of characters that every file system takes; distinct even without regard to case. */
function fileNames(runs: readonly ReportedRun[]): string[] {
  const taken = new Set<string>();
  return runs.map(({ name }) => {
    const safe = name.replaceAll(/[^A-Za-z0-9._=-]+/g, '-').slice(0, NAME_LENGTH);
    let free = safe;
    for (let copy = 2; taken.has(free.toLowerCase()); copy++) free = `${safe}-${copy}`;
    taken.add(free.toLowerCase());
    return free;
  });
}

function svg({ option }: Chart, size: { width: number; height: number }): string {
  const drawing = init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    drawing.setOption({ ...option, backgroundColor: LIGHT.surface });
    return drawing.renderToSVGString();
  } finally {
    drawing.dispose();
  }
}
