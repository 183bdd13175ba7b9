import { basename, dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DatasetSource, Records } from '../dataset/index.ts';
import type { Engine } from '../engine/engine.ts';
import { selectEngine } from '../engine/select.ts';
import { firstExamples } from '../eval/index.ts';
import type { Network } from '../model/network.ts';
import { printable } from '../printable.ts';
import { collectReport } from '../report/collect.ts';
import { reportCsv } from '../report/csv.ts';
import { reportPage, reportPictures } from '../report/page.ts';
import type { ReportData } from '../report/report-data.ts';
import { type NamedBytes, refuseExisting, StagedFiles } from '../staging/index.ts';
import { DEFAULT_TASK, taskNamed } from '../tasks/index.ts';
import type { Context } from './context.ts';
import { downloadProgress } from './download-progress.ts';
import { liveLine } from './live-line.ts';
import { manifest } from './manifest.ts';

export interface ReportOptions {
  readonly evaluate: boolean;
  readonly num_examples: number;
  readonly mistakes: number;
  readonly data_dir: string;
  readonly data_url: string | undefined;
  readonly engine: string;
  readonly backend: string;
  readonly kernels: string;
  readonly threads: number | undefined;
  /** File of the page; without it no page is written. */
  readonly output: string | undefined;
  /** Folder of the charts; without it no chart is written. */
  readonly svg: string | undefined;
  readonly overwrite: boolean;
  readonly json: boolean;
  readonly csv: boolean;
}

/** Writes or prints a report of the runs in some folders. @throws UserError before anything is written */
export async function reportRuns(
  dirs: readonly string[],
  options: ReportOptions,
  context: Context,
): Promise<void> {
  const { output, svg, overwrite } = options;
  if (output !== undefined && !overwrite) refuseExisting(output);
  const data = await collect(dirs, options, context);
  const { stdout, stderr } = context;
  const pictures = svg === undefined ? new Map<string, string>() : reportPictures(data);
  if (svg !== undefined && pictures.size === 0)
    stderr.write(
      `no charts in ${svg}: the runs have neither accuracy nor curves; --evaluate measures the accuracy\n`,
    );
  await write(data, pictures, options, context.interruption());
  if (options.json) stdout.write(`${JSON.stringify(data)}\n`);
  if (options.csv) stdout.write(reportCsv(data));
  const place = output ?? (pictures.size > 0 ? svg : undefined);
  if (place === undefined) return;
  const shown = `${data.runs.length === 1 ? '1 run' : `${data.runs.length} runs`} in ${place}`;
  const how = output === undefined ? '' : `; open ${pathToFileURL(resolve(output))} in a browser`;
  (options.json || options.csv ? stderr : stdout).write(`${shown}${how}\n`);
}

async function collect(
  dirs: readonly string[],
  options: ReportOptions,
  context: Context,
): Promise<ReportData> {
  const { stderr } = context;
  const signal = context.interruption();
  const live = await liveLine(stderr);
  const notice = (line: string) => {
    live?.clear();
    stderr.write(`${line}\n`);
  };
  const engines = enginesByNetwork(async (network) => {
    const selected = await selectEngine({ ...options, network });
    notice(selected.reason);
    return selected.engine;
  });
  const pictures = testSets(options, context, live, notice);
  try {
    return await collectReport(dirs, {
      version: manifest.version,
      evaluate: options.evaluate,
      mistakes: options.mistakes,
      defaultTask: DEFAULT_TASK,
      taskNamed,
      engine: engines.get,
      testSet: pictures,
      onNotice: notice,
      onRun: (name, index, count) => live?.update([`reading ${printable(name)}`, `${index + 1}/${count}`]),
      signal,
    });
  } finally {
    live?.clear();
    for (const engine of await engines.made()) await engine.dispose();
  }
}

/** One engine for each network, made on first use. */
function enginesByNetwork(make: (network: Network) => Promise<Engine>) {
  const making = new Map<Network, Promise<Engine>>();
  return {
    get: (network: Network) => {
      const engine = making.get(network) ?? make(network);
      making.set(network, engine);
      return engine;
    },
    /** The engines that were made without an error. */
    made: async () =>
      (await Promise.allSettled(making.values())).flatMap((each) =>
        each.status === 'fulfilled' ? [each.value] : [],
      ),
  };
}

/** The test sets, each loaded, and downloaded where allowed, on first use. */
function testSets(
  { data_dir, data_url, num_examples }: ReportOptions,
  { stderr, interruption }: Context,
  live: Awaited<ReturnType<typeof liveLine>>,
  notice: (line: string) => void,
) {
  const loaded = new Map<DatasetSource, Records>();
  let isTold = false;
  return async (dataset: DatasetSource, isNeeded: boolean): Promise<Records | undefined> => {
    const known = loaded.get(dataset);
    if (known) return known;
    if (!isNeeded && !(await dataset.isAtHand('test', data_dir))) {
      if (!isTold)
        notice(`the test set is not in ${data_dir}: the report will show no wrongly classified pictures`);
      isTold = true;
      return undefined;
    }
    const records = await dataset.load('test', {
      dataDir: data_dir,
      url: data_url,
      onProgress: downloadProgress(stderr, live),
      onWait: notice,
      signal: interruption(),
    });
    const examples = firstExamples(records, num_examples);
    loaded.set(dataset, examples);
    return examples;
  };
}

/** Writes page and charts, and gives them their final names only once all are complete. */
async function write(
  data: ReportData,
  pictures: ReadonlyMap<string, string>,
  { output, svg, overwrite }: ReportOptions,
  signal: AbortSignal,
): Promise<void> {
  const folder = output === undefined ? svg : dirname(output);
  if (folder === undefined) return;
  const encoder = new TextEncoder();
  const files: NamedBytes[] = [];
  if (output !== undefined) files.push({ name: basename(output), bytes: encoder.encode(reportPage(data)) });
  if (svg !== undefined)
    for (const [name, picture] of pictures)
      files.push({ name: relative(folder, join(svg, name)), bytes: encoder.encode(picture) });
  if (files.length === 0) return;
  const staged = await StagedFiles.write(files, { folder, signal });
  try {
    await staged.commit({ overwrite });
  } finally {
    await staged.discard();
  }
}
