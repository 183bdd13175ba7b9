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

/** Options of {@link strip}. */
export interface StripJob {
  /** A folder whose newest checkpoint to strip, or the prefix of a checkpoint, such as `DIR/model.ckpt-100`. */
  readonly checkpointDir: string;
  /** Folder for the files; it is made if it does not exist. */
  readonly outputDir: string;
  /** Nodes whose values the frozen graph must give. Default: the logits of the known task that the graph belongs to. */
  readonly outputNodeNames?: readonly string[] | undefined;
  /** Nodes to replace by placeholders. Default: those that take a batch from a training input pipeline. */
  readonly inputNodeNames?: readonly string[] | undefined;
  /** Freeze the moving averages of weights and biases instead of their own values; masks apply all the same. */
  readonly movingAverage?: boolean | undefined;
  /** Name of the frozen graph's file; files of other formats are named after it. Default: `pruning_stripped.pb`. */
  readonly filename?: string | undefined;
  /** Formats to write, at least one; default: `pb`. */
  readonly formats?: readonly ExportFormatName[] | undefined;
  /** How to store weights; default: `dense`. */
  readonly weightFormat?: WeightFormat | undefined;
  /** Whether to replace existing files; otherwise an existing file is an error. */
  readonly overwrite?: boolean | undefined;
  /** If it aborts, nothing is written and its reason is thrown; it has no effect once files get their final names. */
  readonly signal?: AbortSignal | undefined;
}

/** Options with all defaults filled in. */
type Asked = StripJob & {
  readonly [Name in 'outputNodeNames' | 'filename' | 'formats' | 'weightFormat' | 'overwrite']-?: NonNullable<
    StripJob[Name]
  >;
};

/** The frozen graph's report and all files, written and verified. */
export interface StripResult {
  /** The prefix of the checkpoint. */
  readonly checkpoint: string;
  readonly report: StripReport;
  /** Size of the frozen graph as a binary GraphDef with dense weights. */
  readonly dense: Size;
  /** One entry for each format. */
  readonly exports: readonly WrittenExport[];
}

/** One format's files, written and verified. */
export interface WrittenExport {
  readonly format: ExportFormatName;
  readonly files: readonly WrittenFile[];
  readonly size: Size;
  /** Bytes of the files if the zeros of weights were left out; only for dense weights in a format that can do that. */
  readonly sparseBytes: number | undefined;
  readonly weights: readonly WeightSize[];
  readonly verification: Verification;
}

export interface Size {
  readonly bytes: number;
  readonly gzippedBytes: number;
}

/**
 * Freezes a checkpoint and writes the frozen graph in each format asked for. Every file is read back from disk and compared
 * with the graph before any gets its final name.
 *
 * @throws UserError `argument` or `usage` on names that do not exist and formats that do not go together, `checkpoint` if the
 *   checkpoint is missing, damaged or does not belong to its graph, `graph` if the graph cannot be frozen or verification fails,
 *   `file` if a file exists already or the file system refuses; the signal's reason. After an error the disk is as it was before.
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

/** Fills in defaults. @throws UserError `argument` on unknown names of formats and on a wrong filename */
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

/** Gives the event loop a turn, in which signals arrive. @throws the signal's reason if it is aborted */
async function turn(signal: AbortSignal | undefined): Promise<void> {
  await nextTurn();
  signal?.throwIfAborted();
}

/** Compares the files of one format, read back from disk, with the graph. */
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

/** Bytes of the export with sparse weights; undefined if the export is not dense, or the format cannot store sparse weights. */
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
