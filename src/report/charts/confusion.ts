import type { ReportedAccuracy } from '../report-data.ts';
import { type Chart, frame, nameOf } from './chart.ts';
import { count, percent } from './format.ts';
import type { Theme } from './theme.ts';

/** The confusion matrix: a row for each class, a column for each predicted class. @returns undefined if it is not known */
export function confusionChart(
  accuracy: ReportedAccuracy | undefined,
  classNames: readonly string[],
  theme: Theme,
): Chart | undefined {
  const confusion = accuracy?.confusion;
  if (!confusion) return undefined;
  const cells = confusion.flatMap((row, label) => {
    const total = row.reduce((sum, each) => sum + each, 0);
    return row.map((images, said) => ({ label, said, images, fraction: total === 0 ? 0 : images / total }));
  });
  const worst = cells.filter(({ label, said }) => label !== said).toSorted((a, b) => b.images - a.images)[0];
  const className = (index: number) => classNames[index] ?? `${index}`;
  const axis = (side: 'x' | 'y') => ({
    type: 'category',
    data: confusion.map((_, index) => className(index)),
    ...nameOf(theme, side),
    nameGap: side === 'x' ? 56 : 72,
    axisLine: { show: false },
    axisTick: { show: false },
    splitArea: { show: false },
    axisLabel: { color: theme.text, interval: 0, ...(side === 'x' && { rotate: 50 }), fontSize: 11 },
  });
  return {
    alt:
      `Confusion matrix: ${percent(accuracy.accuracy)} of the images are on the diagonal` +
      `${worst ? `; most often ${className(worst.label)} is taken for ${className(worst.said)}, ${count(worst.images)} times` : ''}.`,
    option: {
      ...frame(theme, { legend: false }),
      xAxis: { ...axis('x'), name: 'taken for' },
      yAxis: { ...axis('y'), name: 'class of the image', inverse: true },
      visualMap: { show: false, min: 0, max: 1, dimension: 2, inRange: { color: [...theme.heat] } },
      series: [
        {
          type: 'heatmap',
          itemStyle: { borderColor: theme.surface, borderWidth: 1 },
          data: cells.map(({ label, said, images, fraction }) => ({
            // Square roots, so that rare mistakes off the diagonal are visible.
            value: [said, label, Math.sqrt(fraction)],
            label: {
              show: images > 0,
              formatter: `${images}`,
              fontSize: 10,
              color: Math.sqrt(fraction) > 0.55 ? theme.surface : theme.text,
            },
            tip: {
              title: `${className(label)} taken for ${className(said)}`,
              rows: [
                { label: 'images', value: count(images) },
                { label: 'of the class', value: percent(fraction) },
              ],
            },
          })),
        },
      ],
    },
  };
}
