import { join } from 'node:path';
import { writeFileDurably } from '../durable.ts';
import { UserError } from '../errors.ts';
import type { ExportFormatName, WeightFormat } from '../export/index.ts';
import { parseJson } from '../json.ts';
import { readTextIfThere } from '../regular-file.ts';
import type { Settings } from './planned-run.ts';

/** The result of a run, stored in its folder as `result.json`. */
export interface RunResult {
  readonly name: string;
  readonly settings: Settings;
  /** Version of this package. */
  readonly version: string;
  readonly step: number;
  /** Fraction of zeros in all masks together. */
  readonly sparsity: number;
  /** Accuracy on the test set: `averages` with the moving averages, `raw` with the weights themselves. */
  readonly averages: MeasuredAccuracy;
  readonly raw: MeasuredAccuracy;
  readonly exports: readonly ExportedModel[];
  /** Times of the first export that the runtime loads, measured when no run of the sweep computes. */
  readonly timings?: readonly MeasuredTime[];
}

export interface MeasuredAccuracy {
  /** Fraction of images that were classified correctly. */
  readonly accuracy: number;
  readonly correct: number;
  readonly count: number;
  /** confusion[label][prediction] counts images. */
  readonly confusion: readonly (readonly number[])[];
}

export interface ExportedModel {
  readonly format: ExportFormatName;
  readonly weightFormat: WeightFormat;
  /** Paths, relative to the run's folder. */
  readonly files: readonly string[];
  readonly bytes: number;
  readonly gzippedBytes: number;
}

export interface MeasuredTime {
  readonly batchSize: number;
  readonly threads: number | undefined;
  /** Median over all batches. */
  readonly millisecondsAnImage: number;
}

const MAX_BYTES = 2 ** 20;
const resultPath = (runFolder: string) => join(runFolder, 'result.json');

/** @returns undefined if the run is not done, or its file does not hold a result */
export async function readResult(runFolder: string): Promise<RunResult | undefined> {
  const found = await find(runFolder);
  return isResult(found) ? found : undefined;
}

/**
 * Like {@link readResult}, for callers that cannot carry out the run again.
 *
 * @throws UserError `file` if the file does not hold a result
 */
export async function readWholeResult(runFolder: string): Promise<RunResult | undefined> {
  const found = await find(runFolder);
  if (found === undefined || isResult(found)) return found;
  throw new UserError(
    'file',
    `${resultPath(runFolder)} does not hold the result of a run, expected JSON as sweep writes it`,
    'Repeat the sweep, which evaluates the run anew, or remove the file.',
  );
}

/** @returns the parsed file; undefined if there is no file, null if it is not JSON */
async function find(runFolder: string): Promise<unknown> {
  const text = await readTextIfThere(resultPath(runFolder), MAX_BYTES);
  return text === undefined ? undefined : (parseJson(text) ?? null);
}

type Unchecked<Whole> = Partial<Record<keyof Whole, unknown>>;

function isResult(value: unknown): value is RunResult {
  const result = (value ?? {}) as Unchecked<RunResult>;
  return (
    isSettings(result.settings) &&
    [result.step, result.sparsity].every(Number.isFinite) &&
    [result.averages, result.raw].every(isAccuracy) &&
    isListOf(result.exports, isExport) &&
    (result.timings === undefined || isListOf(result.timings, isTime))
  );
}

function isSettings(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((each) => typeof each === 'string')
  );
}

function isAccuracy(value: unknown): boolean {
  const { accuracy, correct, count, confusion } = (value ?? {}) as Unchecked<MeasuredAccuracy>;
  const isRow = (row: unknown) => isListOf(row, Number.isSafeInteger);
  return [accuracy, correct, count].every(Number.isFinite) && isListOf(confusion, isRow);
}

function isExport(value: unknown): boolean {
  const { format, weightFormat, files, bytes, gzippedBytes } = (value ?? {}) as Unchecked<ExportedModel>;
  return (
    [format, weightFormat].every((each) => typeof each === 'string') &&
    isListOf(files, (file) => typeof file === 'string') &&
    [bytes, gzippedBytes].every(Number.isFinite)
  );
}

function isTime(value: unknown): boolean {
  const { batchSize, threads, millisecondsAnImage } = (value ?? {}) as Unchecked<MeasuredTime>;
  const counts = threads === undefined ? [batchSize] : [batchSize, threads];
  return counts.every(Number.isSafeInteger) && Number.isFinite(millisecondsAnImage);
}

const isListOf = (value: unknown, isEach: (each: unknown) => boolean) =>
  Array.isArray(value) && value.every(isEach);

export async function writeResult(runFolder: string, result: RunResult): Promise<void> {
  const text = `${JSON.stringify(result, null, 2)}\n`;
  await writeFileDurably(resultPath(runFolder), new TextEncoder().encode(text));
}
