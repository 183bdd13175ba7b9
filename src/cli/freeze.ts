import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { UserError } from '../errors.ts';
import {
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
  type WeightFormat,
  type WeightSize,
  type WrittenFile,
  weightSizes,
  writeExport,
} from '../export/index.ts';
import { refuseExisting } from '../staging/index.ts';
import { type StripOptions, type StripReport, strip } from '../strip/index.ts';
import type { GraphDef } from '../wire/protos.ts';

export interface FreezeOptions extends StripOptions {
  /** A folder of checkpoints, or the prefix of one. */
  readonly checkpoint: string;
  readonly folder: string;
  /** Of the frozen graph; what other formats write is named after it. */
  readonly filename: string;
  readonly overwrite: boolean;
  /** At least one. */
  readonly formats: readonly ExportFormatName[];
  readonly weightFormat: WeightFormat;
  /** Ends the work with its reason, and nothing is left; once files get their names, all do. */
  readonly signal?: AbortSignal | undefined;
}

export interface FrozenGraph {
  readonly checkpoint: string;
  readonly report: StripReport;
  /** What the frozen graph takes as a binary GraphDef with its weights as they are. */
  readonly dense: Size;
  /** One a format. */
  readonly exports: readonly Export[];
}

/** One format's files, written and verified. */
export interface Export {
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
 * From the newest checkpoint to a frozen graph on disk, in each format asked for. All is verified before any file gets its
 * name. Throws as its parts do, and nothing has changed on disk then.
 */
export async function freezeCheckpoint(options: FreezeOptions): Promise<FrozenGraph> {
  const { folder, filename, overwrite, weightFormat, signal } = options;
  const formats = [...new Set(options.formats)];
  refuseImpossible(Object.fromEntries(formats.map((name) => [name, EXPORT_FORMATS[name]])), weightFormat);
  if (!overwrite)
    for (const format of formats) refuseExisting(join(folder, EXPORT_FORMATS[format].mainFile(filename)));
  const { checkpoint, graph, report } = await strip({ ...options, checkpointDir: options.checkpoint });
  const encoded: { format: ExportFormatName; files: readonly ExportedFile[] }[] = [];
  for (const format of formats) {
    await turn(signal);
    const encoding = { filename, weightFormat, outputs: report.outputs };
    encoded.push({ format, files: EXPORT_FORMATS[format].encode(graph, encoding) });
  }
  const files = encoded.flatMap((each) => each.files);
  refuseClashes(files);
  const exports: Export[] = [];
  const verify = async (readBack: ReadBack) => {
    for (const { format, files } of encoded) {
      await turn(signal);
      const stored = await readBack(files.map(({ name }) => name));
      exports.push(await verified(graph, report, format, stored, options));
    }
  };
  await turn(signal);
  await writeExport(files, { folder, overwrite, verify, signal });
  if (overwrite)
    for (const { format, files } of exports) await removeLeftParts(files, EXPORT_FORMATS[format]);
  const dense = EXPORT_FORMATS.pb.encode(graph, { filename, weightFormat: 'dense' });
  return { checkpoint, report, dense: await sizeOf(dense), exports };
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
  { folder, weightFormat }: FreezeOptions,
): Promise<Export> {
  const format = EXPORT_FORMATS[name];
  const written = files.map(({ name, bytes }) => ({ path: join(folder, name), bytes: bytes.length }));
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
