import type { Distribution } from '../inspect/index.ts';
import { formatPercent } from './format.ts';
import { brokenLines, shownName } from './shown-name.ts';

const COLUMNS = 80;
const LABEL = 10;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/**
 * A distribution as bars, at most 80 columns wide: one line for each bin, which begins with the bin's lower edge.
 *
 * @param unicode whether to draw bars with block characters, or with `#`
 */
export function formatHistogram(name: string, distribution: Distribution, unicode: boolean): string {
  const { zeros, notFinite, edges, counts } = distribution;
  const survivors = counts.reduce((sum, count) => sum + count, 0);
  const values = survivors + zeros + notFinite;
  const odd = notFinite > 0 ? `, ${notFinite.toLocaleString('en')} are not finite` : '';
  const most = Math.max(1, ...counts);
  const room = COLUMNS - LABEL - most.toLocaleString('en').length - 4;
  const title = [
    ...brokenLines(shownName(name), COLUMNS),
    `${zeros.toLocaleString('en')} of ${values.toLocaleString('en')} are zero (${formatPercent(values > 0 ? zeros / values : 0)})${odd}; the others:`,
  ];
  const bars = counts.map((count, bin) => {
    const line = `${formatEdge(edges[bin]!).padStart(LABEL)} ${unicode ? '│' : '|'}`;
    return count === 0 ? line : `${line}${bar((count / most) * room, unicode)} ${count.toLocaleString('en')}`;
  });
  return [...title, ...(survivors > 0 ? bars : [])].join('\n');
}

/** The bar of a bin with values, never empty, so that few values look different from none. */
function bar(length: number, unicode: boolean): string {
  if (!unicode) return '#'.repeat(Math.max(1, Math.round(length)));
  const eighths = Math.max(1, Math.round(length * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

function formatEdge(edge: number): string {
  return Math.abs(edge) < 1e-12 ? '0' : edge.toPrecision(3);
}
