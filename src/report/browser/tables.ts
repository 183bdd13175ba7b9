import { printable } from '../../printable.ts';
import { sizesOf, timeOf, timingLabel, timingsOf } from '../charts/cost.ts';
import { bytes, count, duration, milliseconds, percent } from '../charts/format.ts';
import { present, type Spread } from '../charts/groups.ts';
import { plusMinus, type SummaryRow, summaryOf } from '../charts/summary.ts';
import { differingSettings, reportCsv } from '../csv.ts';
import type { ReportData, ReportedRun } from '../report-data.ts';
import { element, section } from './dom.ts';
import { type Column, table } from './table.ts';

const UNKNOWN = '–';

/** The table that answers how far a network can be pruned: runs that differ only in the seed share a row. */
export function summary(data: ReportData): HTMLElement {
  const spread = (
    title: string,
    format: (value: number) => string,
    of: (row: SummaryRow) => Spread | undefined,
  ): Column<SummaryRow> => ({
    title,
    isNumber: true,
    value: (row) => of(row)?.mean,
    text: (row) => {
      const found = of(row);
      return found ? plusMinus(found, format) : UNKNOWN;
    },
  });
  const rows = summaryOf(data);
  const columns: Column<SummaryRow>[] = [
    {
      title: 'Settings',
      isNumber: false,
      value: ({ label }) => label,
      text: ({ label }) => printable(label),
    },
    spread('Sparsity', percent, ({ sparsity }) => sparsity),
    spread('Accuracy, averages', percent, ({ averages }) => averages),
    spread('Accuracy, raw', percent, ({ raw }) => raw),
    spread('Bytes, dense', bytes, ({ denseBytes }) => denseBytes),
    spread('Bytes, smallest', bytes, ({ smallestBytes }) => smallestBytes),
    ...timingsOf(data.runs).map((timing, index) =>
      spread(`ms an image, ${timingLabel(timing)}`, milliseconds, ({ times }) => times[index]),
    ),
    { title: 'n', isNumber: true, value: ({ runs }) => runs, text: ({ runs }) => count(runs) },
  ];
  return section(
    'summary',
    'How far can it be pruned',
    element(
      'p',
      {},
      'Runs that differ only in their seed share a row: the mean, ± half of the range. n is the number of runs.',
    ),
    table('Runs by their settings', told(columns, rows), rows),
  );
}

export function runsTable(data: ReportData): HTMLElement {
  const { runs } = data;
  const number = (
    title: string,
    format: (value: number) => string,
    value: (run: ReportedRun) => number | undefined,
  ): Column<ReportedRun> => ({
    title,
    isNumber: true,
    value,
    text: (run) => {
      const found = value(run);
      return found === undefined ? UNKNOWN : format(found);
    },
  });
  const columns: Column<ReportedRun>[] = [
    { title: 'Run', isNumber: false, value: ({ name }) => name, text: ({ name }) => printable(name) },
    ...differingSettings(runs).map((setting): Column<ReportedRun> => {
      const isNumber = runs.every(({ settings }) => Number.isFinite(Number(settings[setting] ?? Number.NaN)));
      return {
        title: printable(setting),
        isNumber,
        value: ({ settings }) => (isNumber ? Number(settings[setting]) : settings[setting]),
        text: ({ settings }) => printable(settings[setting] ?? UNKNOWN),
      };
    }),
    number('Sparsity', percent, ({ sparsity }) => sparsity),
    number('Accuracy, averages', percent, ({ averages }) => averages?.accuracy),
    number('Accuracy, raw', percent, ({ raw }) => raw?.accuracy),
    number('Bytes, dense', count, (run) => sizesOf(run).dense?.bytes),
    number('Bytes, smallest', count, (run) => sizesOf(run).smallest?.bytes),
    ...timingsOf(runs).map((timing) =>
      number(`ms an image, ${timingLabel(timing)}`, milliseconds, (run) => timeOf(run, timing)),
    ),
    number('Training time', duration, ({ trainingSeconds }) => trainingSeconds),
  ];
  return section('runs', 'All runs', copyButton(data), table('All runs', told(columns, runs), runs));
}

/** The columns in which at least one row has a value. */
const told = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]) =>
  columns.filter(({ value }) => rows.some((row) => present(value(row))));

function copyButton(data: ReportData): HTMLElement {
  const button = element('button', { type: 'button', id: 'copy', class: 'action' }, 'Copy as CSV');
  const state = element('span', { role: 'status' });
  button.addEventListener('click', async () => {
    const text = reportCsv(data);
    state.textContent = (await copied(text))
      ? `Copied ${count(data.runs.length)} rows.`
      : 'The browser refuses to copy.';
  });
  return element('p', { class: 'actions' }, button, ' ', state);
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByCommand(text);
  }
}

/** Copies with a command of the document, for browsers that refuse the clipboard to pages opened from a file. */
function copiedByCommand(text: string): boolean {
  const area = element('textarea', { class: 'hidden', readonly: '', 'aria-hidden': 'true' });
  area.value = text;
  document.body.append(area);
  area.select();
  try {
    return document.execCommand('copy');
  } finally {
    area.remove();
  }
}
