import type { ReportData, ReportedModel, ReportedRun, ReportedTime } from './report-data.ts';

/** A column: its heading, and a function that gives a run's value. */
type Column = readonly [heading: string, cellOf: (run: ReportedRun) => number | string | undefined];

/**
 * The runs as comma-separated values (RFC 4180), one row for each: name, the settings in which runs differ, sparsity, accuracies,
 * bytes of models, milliseconds an image and seconds of training. Unknown values are empty.
 */
export function reportCsv({ runs }: Pick<ReportData, 'runs'>): string {
  const columns: readonly Column[] = [
    ['name', ({ name }) => name],
    ...differingSettings(runs).map((setting): Column => [setting, ({ settings }) => settings[setting]]),
    ['sparsity', ({ sparsity }) => sparsity],
    ['accuracy', ({ averages }) => averages?.accuracy],
    ['accuracy_raw', ({ raw }) => raw?.accuracy],
    ...columnsOf(
      runs,
      ({ models }) => models,
      modelHeading,
      ({ bytes }) => bytes,
    ),
    ...columnsOf(
      runs,
      ({ timings }) => timings,
      timeHeading,
      ({ millisecondsAnImage }) => millisecondsAnImage,
    ),
    ['training_seconds', ({ trainingSeconds }) => trainingSeconds],
  ];
  const rows = [
    columns.map(([heading]) => heading),
    ...runs.map((run) => columns.map(([, cellOf]) => cellOf(run) ?? '')),
  ];
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

/** Names of the settings in which runs differ, in the order in which the runs have them. */
export function differingSettings(runs: readonly ReportedRun[]): string[] {
  const names = [...new Set(runs.flatMap(({ settings }) => Object.keys(settings)))];
  return names.filter((name) => new Set(runs.map(({ settings }) => settings[name])).size > 1);
}

const modelHeading = ({ format, weightFormat }: ReportedModel) =>
  `bytes_${format}_${weightFormat.replace(',', '_')}`;
const timeHeading = ({ batchSize, threads = 1 }: ReportedTime) =>
  `ms_an_image_of_${batchSize}_on_${threads}_thread${threads === 1 ? '' : 's'}`;

/** A column for each heading that an item of any run has. */
function columnsOf<Item>(
  runs: readonly ReportedRun[],
  itemsOf: (run: ReportedRun) => readonly Item[],
  headingOf: (item: Item) => string,
  cellOf: (item: Item) => number,
): Column[] {
  const headings = new Set(runs.flatMap(itemsOf).map(headingOf));
  return Array.from(headings, (heading): Column => {
    const ofRun = (run: ReportedRun) => itemsOf(run).find((item) => headingOf(item) === heading);
    return [
      heading,
      (run) => {
        const item = ofRun(run);
        return item === undefined ? undefined : cellOf(item);
      },
    ];
  });
}

function field(value: number | string): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
