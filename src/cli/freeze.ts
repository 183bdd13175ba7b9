import { join } from 'node:path';
import { EXPORT_FORMATS, refuseExisting, type WrittenFile, writeExport } from '../export/index.ts';
import { type StripOptions, type StripReport, strip } from '../strip/index.ts';

export interface FreezeOptions extends StripOptions {
  /** A folder of checkpoints, or the prefix of one. */
  readonly checkpoint: string;
  readonly folder: string;
  readonly filename: string;
  readonly overwrite: boolean;
}

export interface FrozenGraph {
  readonly checkpoint: string;
  readonly report: StripReport;
  readonly file: WrittenFile;
}

/** From the newest checkpoint to a frozen graph on disk. Throws as its parts do, and nothing is written then. */
export async function freezeCheckpoint(options: FreezeOptions): Promise<FrozenGraph> {
  const { folder, filename, overwrite } = options;
  if (!overwrite) await refuseExisting(join(folder, filename));
  const { checkpoint, graph, report } = await strip({ ...options, checkpointDir: options.checkpoint });
  const [file] = await writeExport(EXPORT_FORMATS.pb.encode(graph, { filename, weightFormat: 'dense' }), {
    folder,
    overwrite,
  });
  return { checkpoint, report, file: file! };
}
