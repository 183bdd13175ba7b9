import { formatBytes, formatDuration, formatPercent } from '../src/cli/format.ts';
import type { ReportData, ReportedRun } from '../src/report/report-data.ts';

const [BEGIN, END] = ['<!-- sweep:begin -->', '<!-- sweep:end -->'];
/** Below it the section goes that is not there yet. */
const HEADING = '## How far can I prune\n';

/**
 * The plot and the table of a sweep, as Markdown.
 *
 * @param timed a shorter sweep, of one run a sparsity by the same schedule in proportion, whose pace training times are taken from:
 *   for runs that had the machine with others
 * @throws Error, naming the run, where something was not measured
 */
export function sweepSection(data: ReportData, plot: string, timed: ReportData = data): string {
  const { machine, runs } = data;
  const batch = commonBatch(runs);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    `![Accuracy on the test set against sparsity](${plot})`,
    '',
    row([
      'sparsity',
      'accuracy, averages',
      'accuracy, raw',
      'frozen graph, sparse',
      `one image of ${batch}${threadsOf(runs[0]!, batch)}`,
      'training',
    ]),
    row(Array(6).fill('---:')),
    ...bySparsity(runs).map((group) =>
      row([...cellsOf(group, batch), formatDuration(mean(group, (run) => trainingTime(run, timed)))]),
    ),
    '',
    `CIFAR-10, ${stepsOf(runs)} steps a run, by \`cifar10-prune sweep --recipe=examples/sweep/readme.yaml\` of version ` +
      `${data.version} on ${data.madeAt.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}. ` +
      'Accuracy is on all of the test set, with the moving averages of the weights and with the weights themselves; where ' +
      'seeds are several, the mean, with the lowest and the highest. ' +
      trainingSentence(runs, timed),
  ].join('\n');
}

/** The runs of each sparsity, from the lowest on. */
function bySparsity(runs: readonly ReportedRun[]): ReportedRun[][] {
  const targets = [...new Set(runs.map(target))].toSorted((a, b) => a - b);
  return targets.map((sparsity) => runs.filter((run) => target(run) === sparsity));
}

function cellsOf(runs: readonly ReportedRun[], batch: number): string[] {
  const accuracy = (figureOf: (run: ReportedRun) => number) => {
    if (runs.length === 1) return formatPercent(figureOf(runs[0]!));
    const values = runs.map(figureOf);
    const [lowest, highest] = [Math.min(...values), Math.max(...values)].map(formatPercent);
    return `${formatPercent(mean(runs, figureOf))} (${lowest} to ${highest})`;
  };
  const bytes = (run: ReportedRun) =>
    measured(
      run,
      'frozen graph of sparse weights',
      run.models.find(({ format, weightFormat }) => format === 'pb' && weightFormat === 'sparse'),
    ).bytes;
  const milliseconds = (run: ReportedRun) =>
    run.timings.find(({ batchSize }) => batchSize === batch)!.millisecondsAnImage;
  return [
    formatPercent(mean(runs, ({ sparsity }) => sparsity)),
    accuracy((run) => measured(run, 'accuracy of moving averages', run.averages).accuracy),
    accuracy((run) => measured(run, 'accuracy of raw weights', run.raw).accuracy),
    formatBytes(Math.round(mean(runs, bytes))),
    `${mean(runs, milliseconds).toFixed(2)} ms`,
  ];
}

const mean = (runs: readonly ReportedRun[], figureOf: (run: ReportedRun) => number) =>
  runs.reduce((sum, run) => sum + figureOf(run), 0) / runs.length;

/** As the heading of a column has it; nothing where the engine takes no number of threads. */
function threadsOf({ timings }: ReportedRun, batch: number): string {
  const { threads } = timings.find(({ batchSize }) => batchSize === batch)!;
  return threads === undefined ? '' : `, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

/** Seconds of a run at the pace of the timed one of the same sparsity, which may be itself. */
function trainingTime(run: ReportedRun, timed: ReportData): number {
  const alike = timed.runs.includes(run) ? run : timed.runs.find((other) => target(other) === target(run));
  const { trainingSeconds, step } = measured(run, 'timed run', alike);
  return (measured(run, 'training time', trainingSeconds) * run.step) / step;
}

function trainingSentence(runs: readonly ReportedRun[], timed: ReportData): string {
  const time = formatDuration(runs.reduce((sum, run) => sum + trainingTime(run, timed), 0));
  if (timed.runs.includes(runs[0]!)) return `The training of all ${runs.length} runs took ${time}.`;
  return (
    `Training times are those of ${stepsOf(timed.runs)} steps by the same schedule in proportion, with the machine to themselves, ` +
    `times ${runs[0]!.step / timed.runs[0]!.step}; those of all ${runs.length} runs are ${time}.`
  );
}

/** The largest batch that was timed in every run. */
function commonBatch(runs: readonly ReportedRun[]): number {
  const [first, ...rest] = runs;
  if (!first) throw new Error('the report holds no runs');
  const common = first.timings
    .map(({ batchSize }) => batchSize)
    .filter((size) => rest.every(({ timings }) => timings.some(({ batchSize }) => batchSize === size)));
  if (common.length === 0) throw new Error('the report holds no batch size that was timed in every run');
  return Math.max(...common);
}

function stepsOf(runs: readonly ReportedRun[]): string {
  const steps = new Set(runs.map(({ step }) => step));
  if (steps.size > 1)
    throw new Error(`the runs end at steps ${[...steps].join(', ')}: finish the sweep first`);
  return [...steps][0]!.toLocaleString('en');
}

const target = (run: ReportedRun) => Number(measured(run, 'target_sparsity', run.settings.target_sparsity));

function measured<Value>(run: ReportedRun, what: string, value: Value | undefined): Value {
  if (value === undefined)
    throw new Error(`the report of run ${run.name} lacks its ${what}: finish the sweep first`);
  return value;
}

/** The README with the section between its marks, or with both below its heading. @throws Error without either */
export function withSweepSection(readme: string, section: string): string {
  const block = `${BEGIN}\n${section}\n${END}`;
  const begin = readme.indexOf(BEGIN);
  if (begin >= 0) {
    const end = readme.indexOf(END, begin);
    if (end < 0) throw new Error(`the README lacks ${END} after ${BEGIN}`);
    return readme.slice(0, begin) + block + readme.slice(end + END.length);
  }
  const heading = readme.indexOf(HEADING);
  if (heading < 0) throw new Error(`the README lacks ${BEGIN} and the heading "${HEADING.trim()}"`);
  const below = heading + HEADING.length;
  return `${readme.slice(0, below)}\n${block}\n${readme.slice(below)}`;
}
