import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { makeFolder, writeFileDurably } from '../durable.ts';
import { UserError } from '../errors.ts';
import {
  EXPORT_FORMAT_NAMES,
  type ExportFormatName,
  WEIGHT_FORMATS,
  type WeightFormat,
} from '../export/index.ts';
import { parseJson } from '../json.ts';
import { readTextIfThere } from '../regular-file.ts';
import type { PlannedRun } from './planned-run.ts';
import { readResult } from './result.ts';

/** A sweep, stored in its folder as `sweep.json`, so that any number of workers can carry it out. */
export interface Sweep {
  readonly runs: readonly PlannedRun[];
  /** Formats to strip each run to. */
  readonly formats: readonly ExportFormatName[];
  readonly weightFormats: readonly WeightFormat[];
  /** Number of pictures of the test set to evaluate. */
  readonly numExamples: number;
}

/** A run takes some hundred bytes. */
const MAX_BYTES = 2 ** 26;
const sweepPath = (dir: string) => join(dir, 'sweep.json');
/** The train_dir of a run. */
export const runFolder = (dir: string, { name }: PlannedRun) => join(dir, name);

/** The runs that are not done. */
export async function openRuns(dir: string, { runs }: Sweep): Promise<PlannedRun[]> {
  const open: PlannedRun[] = [];
  for (const run of runs) if (!(await readResult(runFolder(dir, run)))) open.push(run);
  return open;
}

/** @returns undefined if the folder holds no sweep @throws UserError `file` if its `sweep.json` is damaged */
export async function readSweep(dir: string): Promise<Sweep | undefined> {
  const path = sweepPath(dir);
  const text = await readTextIfThere(path, MAX_BYTES);
  if (text === undefined) return undefined;
  const sweep = parseJson(text);
  if (isSweep(sweep)) return sweep;
  throw new UserError(
    'file',
    `${path} does not hold a sweep, expected JSON as sweep writes it`,
    'Remove the file and give the flags of the sweep again to continue its runs.',
  );
}

/**
 * Stores a sweep in its folder. A sweep that is there already can get more runs.
 *
 * @returns all runs
 * @throws UserError `argument` if the stored sweep differs in anything else
 */
export async function keepSweep(dir: string, asked: Sweep): Promise<Sweep> {
  const kept = await readSweep(dir);
  if (kept) refuseDifferences(dir, kept, asked);
  const known = new Set(kept?.runs.map(({ name }) => name));
  const added = asked.runs.filter(({ name }) => !known.has(name));
  if (kept && added.length === 0) return kept;
  const sweep = { ...asked, runs: [...(kept?.runs ?? []), ...added] };
  await makeFolder(dir);
  await writeFileDurably(sweepPath(dir), new TextEncoder().encode(`${JSON.stringify(sweep, null, 2)}\n`));
  return sweep;
}

function refuseDifferences(dir: string, kept: Sweep, asked: Sweep): void {
  const was = new Map(kept.runs.map(({ name, settings }) => [name, settings]));
  const changed = asked.runs.flatMap(({ name, settings }) => {
    const before = was.get(name);
    if (!before || isDeepStrictEqual({ ...before }, { ...settings })) return [];
    const names = [...new Set([...Object.keys(before), ...Object.keys(settings)])];
    const setting = names.find((each) => before[each] !== settings[each])!;
    return [
      `${setting} of ${name} was ${before[setting] ?? 'not given'}, now ${settings[setting] ?? 'not given'}`,
    ];
  });
  const others = (['formats', 'weightFormats', 'numExamples'] as const).filter(
    (key) => !isDeepStrictEqual(kept[key], asked[key]),
  );
  const [first] = [...changed, ...others.map((key) => `${key} was ${kept[key]}, now ${asked[key]}`)];
  if (first === undefined) return;
  throw new UserError(
    'argument',
    `${dir} holds another sweep: ${first}`,
    'Give --sweep_dir alone to continue that sweep, or another --sweep_dir.',
  );
}

function isSweep(value: unknown): value is Sweep {
  if (typeof value !== 'object' || value === null) return false;
  const { runs, formats, weightFormats, numExamples } = value as Partial<Record<keyof Sweep, unknown>>;
  const isEach = (list: unknown, known: readonly string[]) =>
    Array.isArray(list) && list.every((one) => known.includes(one));
  return (
    Array.isArray(runs) &&
    runs.every(isRun) &&
    isEach(formats, EXPORT_FORMAT_NAMES) &&
    isEach(weightFormats, WEIGHT_FORMATS) &&
    Number.isSafeInteger(numExamples)
  );
}

function isRun(value: unknown): value is PlannedRun {
  if (typeof value !== 'object' || value === null) return false;
  const { name, settings } = value as Partial<Record<keyof PlannedRun, unknown>>;
  return (
    // The name becomes that of a folder.
    typeof name === 'string' &&
    /^[\w.,=+-]+$/.test(name) &&
    !/^\.+$/.test(name) &&
    typeof settings === 'object' &&
    settings !== null &&
    Object.values(settings).every((each) => typeof each === 'string')
  );
}
