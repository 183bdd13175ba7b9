/** The names under which users ask for formats, kept apart from the formats so that a command's help needs none of them. */
export const EXPORT_FORMAT_NAMES = ['pb', 'onnx', 'tfjs', 'saved_model'] as const;

export type ExportFormatName = (typeof EXPORT_FORMAT_NAMES)[number];
