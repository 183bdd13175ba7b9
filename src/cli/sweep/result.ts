import { join } from 'node:path';
import { writeFileDurably } from '../../durable.ts';
import type { ExportFormatName, WeightFormat } from '../../export/index.ts';
import { parseJson } from '../../json.ts';
import { readTextIfThere } from '../../regular-file.ts';
import type { Settings } from './settings.ts';

/** What came out of a run, kept in its folder as `result.json`. */
export interface RunResult {
  readonly name: string;
  readonly settings: Settings;
  /** Of this package. */
  readonly version: string;
  readonly step: number;
  /** Fraction of zeros in all masks together. */
  readonly sparsity: number;
  /** On the test set, with the moving averages and with the weights themselves. */
  readonly averages: MeasuredAccuracy;
  readonly raw: MeasuredAccuracy;
  readonly exports: readonly ExportedModel[];
  /** Of the first export that the runtime loads; measured when nothing else of the sweep computes. */
  readonly timings?: readonly MeasuredTime[];
}

export interface MeasuredAccuracy {
  /** Fraction of images. */
  readonly accuracy: number;
  readonly correct: number;
  readonly count: number;
  /** Images by their class and, within, by the class that they were taken for. */
  readonly confusion: readonly (readonly number[])[];
}

export interface ExportedModel {
  readonly format: ExportFormatName;
  readonly weightFormat: WeightFormat;
  /** Relative to the run's folder. */
  readonly files: readonly string[];
  readonly bytes: number;
  readonly gzippedBytes: number;
}

export interface MeasuredTime {
  readonly batchSize: number;
  readonly threads: number | undefined;
  /** Median. */
  readonly millisecondsAnImage: number;
}

const MAX_BYTES = 2 ** 20;
const resultPath = (runFolder: string) => join(runFolder, 'result.json');

/** @returns undefined if the run has not come to its end, or of what is no result */
export async function readResult(runFolder: string): Promise<RunResult | undefined> {
  const text = await readTextIfThere(resultPath(runFolder), MAX_BYTES);
  if (text === undefined) return undefined;
  const result = parseJson(text);
  return isResult(result) ? result : undefined;
}

function isResult(value: unknown): value is RunResult {
  const { step, exports } = (value ?? {}) as Partial<Record<keyof RunResult, unknown>>;
  return typeof step === 'number' && Array.isArray(exports);
}

export async function writeResult(runFolder: string, result: RunResult): Promise<void> {
  const text = `${JSON.stringify(result, null, 2)}\n`;
  await writeFileDurably(resultPath(runFolder), new TextEncoder().encode(text));
}
