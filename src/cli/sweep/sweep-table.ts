import type { RunResult } from '../../sweep/result.ts';
import { formatBytes, formatDuration, formatPercent } from '../format.ts';
import { formatTable } from '../table.ts';
import { countPhases, type RunState, type RunStates } from './states.ts';

const PROGRESS_HEAD = ['run', 'state', 'step', 'loss', 'sparsity', 'accuracy', 'left'];

/**
 * A table of a sweep in progress: first the runs under way, then the done and the waiting ones, as many as fit into `rows`.
 *
 * @param rows of the terminal
 */
export function formatProgress(states: RunStates, rows: number): string {
  const sorted = [...states].toSorted(([, a], [, b]) => ORDER.indexOf(a.phase) - ORDER.indexOf(b.phase));
  // Heading, borders and the line of sums take six.
  const shown = sorted.slice(0, Math.max(1, rows - 6));
  const table = formatTable(
    PROGRESS_HEAD,
    shown.map(([name, state]) => [name, ...progressCells(state)]),
  );
  const sums = [...countPhases(states)].map(([phase, count]) => `${count} ${phase}`).join(', ');
  return `${table}\n${states.size} runs: ${sums}`;
}

const ORDER: readonly RunState['phase'][] = [
  'training',
  'evaluating',
  'stripping',
  'stopped',
  'failed',
  'elsewhere',
  'done',
  'waiting',
];

function progressCells(state: RunState): string[] {
  switch (state.phase) {
    case 'waiting':
    case 'stopped':
    case 'failed':
    case 'elsewhere':
      return [state.phase, '', '', '', '', ''];
    case 'done': {
      const { step, sparsity, averages } = state.result;
      return ['done', String(step), '', formatPercent(sparsity), formatPercent(averages.accuracy), ''];
    }
    default: {
      const { last } = state;
      if (!last) return [state.phase, '', '', '', '', ''];
      return [
        state.phase,
        `${last.step}/${last.maxSteps}`,
        last.loss.toFixed(2),
        formatPercent(last.sparsity),
        `${formatPercent(last.accuracy)} of batch`,
        formatDuration(last.secondsLeft),
      ];
    }
  }
}

/** A run's new state in a line, where no table is shown. */
export function describeChange(name: string, state: RunState): string {
  switch (state.phase) {
    case 'done':
      return `${name}: done, accuracy ${formatPercent(state.result.averages.accuracy)}, sparsity ${formatPercent(state.result.sparsity)}`;
    case 'failed':
      return `${name}: failed: ${state.reason}`;
    case 'elsewhere':
      return `${name}: carried out by ${state.holder}`;
    default:
      return `${name}: ${state.phase}`;
  }
}

/** A table of the results of runs; milliseconds an image if they have been measured. */
export function formatResults(results: readonly RunResult[]): string {
  const times = results.flatMap(({ timings = [] }) => timings);
  const threads = Math.max(1, ...times.map((time) => time.threads ?? 1));
  const columns: readonly (readonly [head: string, batchSize: number, threads: number])[] =
    times.length === 0
      ? []
      : [
          ['one image', 1, 1],
          [`of 128, ${threads} threads`, 128, threads],
        ];
  return formatTable(
    ['run', 'sparsity', 'accuracy', 'raw weights', 'smallest file', ...columns.map(([head]) => head)],
    results.map((result) => [
      result.name,
      formatPercent(result.sparsity),
      formatPercent(result.averages.accuracy),
      formatPercent(result.raw.accuracy),
      formatBytes(Math.min(...result.exports.map(({ bytes }) => bytes))),
      ...columns.map(([, ...configuration]) => timeOf(result, ...configuration)),
    ]),
  );
}

function timeOf({ timings = [] }: RunResult, batchSize: number, threads: number): string {
  const found = timings.find((time) => time.batchSize === batchSize && (time.threads ?? 1) === threads);
  return found ? `${found.millisecondsAnImage.toPrecision(2)} ms` : '';
}
