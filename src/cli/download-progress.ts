import type { OnProgress } from '../dataset/index.ts';
import type { Output } from './context.ts';
import { formatBytes, formatPercent } from './format.ts';
import type { LiveLine } from './live-line.ts';

/** Without a terminal, one line is logged for each such fraction of the download. */
const LINE_EVERY = 0.1;

/** Shows the progress of a download. */
export function downloadProgress(stderr: Output, live: LiveLine | undefined): OnProgress {
  let shown = -1;
  return (bytes, total) => {
    const fraction = total === undefined ? undefined : bytes / total;
    const parts = [
      'downloading CIFAR-10',
      ...(fraction === undefined ? [] : [formatPercent(fraction)]),
      [bytes, ...(total === undefined ? [] : [total])].map(formatBytes).join(' of '),
    ];
    if (live) return live.update(parts);
    const line = Math.floor((fraction ?? 0) / LINE_EVERY);
    if (line === shown) return;
    shown = line;
    stderr.write(`${parts.join('  ')}\n`);
  };
}
