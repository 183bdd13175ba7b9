import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { UserError } from '../errors.ts';
import {
  EXPORT_FORMAT_NAMES,
  EXPORT_FORMATS,
  type ExportedFile,
  type ExportFormat,
  type ExportFormatName,
  type ReadBack,
  refuseClashes,
  refuseImpossible,
  removeLeftParts,
  type Verification,
  verifyExport,
  WEIGHT_FORMATS,
  type WeightFormat,
  type WeightSize,
  type WrittenFile,
  weightSizes,
  writeExport,
} from '../export/index.ts';
import { refuseExisting } from '../staging/index.ts';
import { type StripReport, stripCheckpoint } from '../strip/index.ts';
import { OUTPUT_NAMES } from '../tasks/index.ts';
import type { GraphDef } from '../wire/protos.ts';
import { expectOneOf } from './check.ts';
import { STRIP_DEFAULTS } from './defaults.ts';
import { isPlainName } from './plain-name.ts';

/** What a strip is asked to do. */
export interface StripJob {
  /** A folder, whose newest checkpoint is stripped, or the prefix of a checkpoint such as `DIR/model.ckpt-100`. */
  readonly checkpointDir: string;
  /** Folder for what is written, made if it does not exist. */
  readonly outputDir: string;
  /** Nodes whose values the frozen graph must give; unless given, the logits of whichever known task the graph is of. */
  readonly outputNodeNames?: readonly string[] | undefined;
  /** Nodes to replace by placeholders; by default those that take a batch from a queue or from an iterator. */
  readonly inputNodeNames?: readonly string[] | undefined;
  /** Freeze the moving averages of weights and biases instead of their own values; masks apply all the same. */
  readonly movingAverage?: boolean | undefined;
  /** Of the frozen graph, `pruning_stripped.pb` unless given; what other formats write is named after it. */
  readonly filename?: string | undefined;
  /** At least one, `pb` unless given. */
  readonly formats?: readonly ExportFormatName[] | undefined;
  /** How to store weights, `dense` unless given. */
  readonly weightFormat?: WeightFormat | undefined;
  /** Replace files of those names, which otherwise are an error. */
  readonly overwrite?: boolean | undefined;
  /** Ends the work with its reason, and nothing is left; once files get their names, all do. */
  readonly signal?: AbortSignal | undefined;
}

/** A job with everything that has a default. */
type Asked = StripJob & {
  readonly [Name in 'outputNodeNames' | 'filename' | 'formats' | 'weightFormat' | 'overwrite']-?: NonNullable<
    StripJob[Name]
  >;
};

/** What was stripped, written and verified. */
export interface StripResult {
  /** The prefix of the checkpoint. */
  readonly checkpoint: string;
  readonly report: StripReport;
  /** What the frozen graph takes as a binary GraphDef with its weights as they are. */
  readonly dense: Size;
  /** One a format. */
  readonly exports: readonly WrittenExport[];
}

/** One format's files, written and verified. */
export interface WrittenExport {
  readonly format: ExportFormatName;
  readonly files: readonly WrittenFile[];
  readonly size: Size;
  /** What the files would take without the zeros of weights; only of dense ones, where the format can leave them out. */
  readonly sparseBytes: number | undefined;
  readonly weights: readonly WeightSize[];
  readonly verification: Verification;
}

export interface Size {
  readonly bytes: number;
  readonly gzippedBytes: number;
}

/**
 * From the newest checkpoint to a frozen graph on disk, in each format asked for. Every file is read back from disk and compared
 * with the graph before any gets its name.
 *
 * @throws UserError `argument` or `usage` on names that do not exist and formats that do not go together, `checkpoint` if it is
 *   missing, damaged or does not belong to its graph, `graph` where the graph cannot be frozen or what was written is wrong, `file`
 *   if one exists already or the file system refuses; the signal's reason. Nothing has changed on disk then.
 *
 * @example
 * const { exports } = await strip({ checkpointDir: 'run', outputDir: 'run', weightFormat: 'sparse' });
 * exports[0].files[0].path; // 'run/pruning_stripped.pb'
 */
export async function strip(job: StripJob): Promise<StripResult> {
  const asked = complete(job);
  const { outputDir, filename, overwrite, weightFormat, signal } = asked;
  const formats = [...new Set(asked.formats)];
  refuseImpossible(Object.fromEntries(formats.map((name) => [name, EXPORT_FORMATS[name]])), weightFormat);
  if (!overwrite)
    for (const format of formats) refuseExisting(join(outputDir, EXPORT_FORMATS[format].mainFile(filename)));
  const { checkpoint, graph, report } = await stripCheckpoint({
    ...asked,
    defaultOutputNames: OUTPUT_NAMES,
  });
  const encoded: { format: ExportFormatName; files: readonly ExportedFile[] }[] = [];
  for (const format of formats) {
    await turn(signal);
    const encoding = { filename, weightFormat, outputs: report.outputs };
    encoded.push({ format, files: EXPORT_FORMATS[format].encode(graph, encoding) });
  }
  const files = encoded.flatMap((each) => each.files);
  refuseClashes(files);
  const exports: WrittenExport[] = [];
  const verify = async (readBack: ReadBack) => {
    for (const { format, files } of encoded) {
      await turn(signal);
      const stored = await readBack(files.map(({ name }) => name));
      exports.push(await verified(graph, report, format, stored, asked));
    }
  };
  await turn(signal);
  await writeExport(files, { folder: outputDir, overwrite, verify, signal });
  if (overwrite)
    for (const { format, files } of exports) await removeLeftParts(files, EXPORT_FORMATS[format]);
  const dense = EXPORT_FORMATS.pb.encode(graph, { filename, weightFormat: 'dense' });
  return { checkpoint, report, dense: await sizeOf(dense), exports };
}

/** @throws UserError `argument` on what is none of the names that there are */
function complete(job: StripJob): Asked {
  const { filename = STRIP_DEFAULTS.filename, formats = STRIP_DEFAULTS.formats } = job;
  const { weightFormat = STRIP_DEFAULTS.weightFormat } = job;
  if (!isPlainName(filename))
    throw new UserError(
      'argument',
      `filename is ${JSON.stringify(filename)}, expected the name of a file in outputDir, such as ${STRIP_DEFAULTS.filename}`,
    );
  if (formats.length === 0)
    throw new UserError('argument', `formats is empty, expected some of ${EXPORT_FORMAT_NAMES.join(' | ')}`);
  for (const format of formats) expectOneOf('format', EXPORT_FORMAT_NAMES, format);
  expectOneOf('weightFormat', WEIGHT_FORMATS, weightFormat);
  const { outputNodeNames = [], overwrite = false } = job;
  return { ...job, outputNodeNames, overwrite, filename, formats, weightFormat };
}

/** Signals are heard only when the event loop has a turn. @throws the signal's reason when it is aborted */
async function turn(signal: AbortSignal | undefined): Promise<void> {
  await nextTurn();
  signal?.throwIfAborted();
}

/** Compares what is on disk in one format with the graph. */
async function verified(
  graph: GraphDef,
  { outputs }: StripReport,
  name: ExportFormatName,
  files: readonly ExportedFile[],
  { outputDir, weightFormat }: Asked,
): Promise<WrittenExport> {
  const format = EXPORT_FORMATS[name];
  const written = files.map(({ name, bytes }) => ({ path: join(outputDir, name), bytes: bytes.length }));
  const verification = await verifyExport(graph, {
    format,
    weightFormat,
    outputs,
    files,
    name: written.map(({ path }) => path).join(', '),
  });
  return {
    format: name,
    files: written,
    size: await sizeOf(files),
    sparseBytes: sparseBytes(graph, format, outputs, weightFormat),
    weights: weightSizes(graph, verification.stored),
    verification,
  };
}

/** Undefined also where the graph's weights can be stored dense only. */
function sparseBytes(
  graph: GraphDef,
  { weightFormats, encode }: ExportFormat,
  outputs: readonly string[],
  weightFormat: WeightFormat,
): number | undefined {
  if (weightFormat !== 'dense' || !weightFormats.includes('sparse')) return undefined;
  try {
    const files = encode(graph, { filename: 'sparse.pb', weightFormat: 'sparse', outputs });
    return files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

async function sizeOf(files: readonly ExportedFile[]): Promise<Size> {
  const gzipped = await Promise.all(files.map(({ bytes }) => promisify(gzip)(bytes)));
  const total = (parts: readonly Uint8Array[]) => parts.reduce((sum, { length }) => sum + length, 0);
  return { bytes: total(files.map(({ bytes }) => bytes)), gzippedBytes: total(gzipped) };
}
