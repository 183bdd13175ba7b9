import type { ExportFormat } from './format.ts';
import { pb } from './pb.ts';

export type { ExportedFile, ExportFormat } from './format.ts';
export { refuseExisting, type WriteOptions, type WrittenFile, writeExport } from './write.ts';

/** The formats by the names under which users ask for them. */
export const EXPORT_FORMATS = { pb } satisfies Record<string, ExportFormat>;

export type ExportFormatName = keyof typeof EXPORT_FORMATS;
