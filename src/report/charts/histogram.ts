import type { ReportedLayer } from '../report-data.ts';
import { axes, type Chart, frame } from './chart.ts';
import { count, number } from './format.ts';
import type { Theme } from './theme.ts';

/** The histogram of a layer's surviving weights, with the threshold marked on both sides of zero. */
export function histogramChart({ name, threshold, histogram }: ReportedLayer, theme: Theme): Chart {
  const { low, high, counts, masked } = histogram;
  const width = (high - low) / counts.length;
  const edge = (bin: number) => low + bin * width;
  const colour = theme.series[0]!;
  const survive = counts.reduce((sum, each) => sum + each, 0);
  const marks = threshold > 0 ? [-threshold, threshold] : [];
  return {
    alt:
      `Weights of ${name}: ${count(survive)} survive between ${number(low)} and ${number(high)}, ${count(masked)} are masked` +
      `${threshold > 0 ? `, the threshold is ${number(threshold)}` : ''}.`,
    option: {
      ...frame(theme, { legend: false }),
      ...axes(theme, { name: 'weight', format: number }, { name: 'weights', format: count, min: 0 }),
      series: [
        {
          type: 'line',
          step: 'end',
          symbol: 'none',
          color: colour,
          lineStyle: { color: colour, width: 1 },
          areaStyle: { color: colour, opacity: 0.55 },
          data: [...counts.map((each, bin) => [edge(bin), each]), [high, counts.at(-1) ?? 0]],
          ...(marks.length > 0 && {
            markLine: {
              silent: true,
              symbol: 'none',
              label: { show: false },
              lineStyle: { color: theme.series[1], type: 'dashed', width: 1.5 },
              data: marks.map((xAxis) => ({ xAxis })),
            },
          }),
        },
      ],
    },
    tipAt: (x) => {
      const bin = Math.min(Math.floor((x - low) / width), counts.length - 1);
      if (!(bin >= 0) || x > high) return undefined;
      return {
        title: `${number(edge(bin))} to ${number(edge(bin + 1))}`,
        rows: [{ label: 'weights', value: count(counts[bin]!), colour }],
      };
    },
  };
}
