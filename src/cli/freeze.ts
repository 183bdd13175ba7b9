import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  EXPORT_FORMATS,
  type ExportedFile,
  type ExportFormatName,
  refuseClashes,
  refuseExisting,
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
  readonly weights: readonly WeightSize[];
  readonly verification: Verification;
}

export interface Size {
  readonly bytes: number;
  readonly gzippedBytes: number;
}

/**
 * From the newest checkpoint to a frozen graph on disk, in each format asked for. Throws as its parts do, and nothing is
 * written then, unless what was written turns out wrong when it is read back.
 */
export async function freezeCheckpoint(options: FreezeOptions): Promise<FrozenGraph> {
  const { folder, filename, overwrite, weightFormat } = options;
  const formats = [...new Set(options.formats)];
  refuseImpossible(Object.fromEntries(formats.map((name) => [name, EXPORT_FORMATS[name]])), weightFormat);
  if (!overwrite)
    for (const format of formats)
      await refuseExisting(join(folder, EXPORT_FORMATS[format].mainFile(filename)));
  const { checkpoint, graph, report } = await strip({ ...options, checkpointDir: options.checkpoint });
  const encoded = formats.map((format) => ({
    format,
    files: EXPORT_FORMATS[format].encode(graph, { filename, weightFormat, outputs: report.outputs }),
  }));
  const files = encoded.flatMap((each) => each.files);
  refuseClashes(files);
  await writeExport(files, { folder, overwrite });
  const exports: Export[] = [];
  for (const { format, files } of encoded) {
    const names = files.map(({ name }) => name);
    exports.push(await verified(graph, report, format, names, options));
  }
  const dense = EXPORT_FORMATS.pb.encode(graph, { filename, weightFormat: 'dense' });
  return { checkpoint, report, dense: await sizeOf(dense), exports };
}

/** Reads back what was written in one format. */
async function verified(
  graph: GraphDef,
  { outputs }: StripReport,
  name: ExportFormatName,
  fileNames: readonly string[],
  { folder, weightFormat, overwrite }: FreezeOptions,
): Promise<Export> {
  const format = EXPORT_FORMATS[name];
  const files = await Promise.all(
    fileNames.map(async (file) => ({ name: file, bytes: await readFile(join(folder, file)) })),
  );
  const paths = fileNames.map((file) => join(folder, file));
  const verification = await verifyExport(graph, {
    format,
    weightFormat,
    outputs,
    files,
    name: paths.join(', '),
  });
  const written = files.map(({ bytes }, index) => ({ path: paths[index]!, bytes: bytes.length }));
  if (overwrite) await removeLeftParts(written, format);
  return {
    format: name,
    files: written,
    size: await sizeOf(files),
    weights: weightSizes(graph, verification.stored),
    verification,
  };
}

async function sizeOf(files: readonly ExportedFile[]): Promise<Size> {
  const gzipped = await Promise.all(files.map(({ bytes }) => promisify(gzip)(bytes)));
  const total = (parts: readonly Uint8Array[]) => parts.reduce((sum, { length }) => sum + length, 0);
  return { bytes: total(files.map(({ bytes }) => bytes)), gzippedBytes: total(gzipped) };
}
