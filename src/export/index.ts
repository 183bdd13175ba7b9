import type { ExportFormat } from './format.ts';
import type { ExportFormatName } from './format-names.ts';
import { pb } from './pb.ts';

export type { ExportedFile, ExportFormat, StoredWeight } from './format.ts';
export { EXPORT_FORMAT_NAMES, type ExportFormatName } from './format-names.ts';
export { refuseExisting, type WriteOptions, type WrittenFile, writeExport } from './write.ts';

/** The formats by the names under which users ask for them. */
export const EXPORT_FORMATS: Readonly<Record<ExportFormatName, ExportFormat>> = { pb };
