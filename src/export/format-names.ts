/** The names of formats on the command line. They have a file of their own so that help can be printed without loading the formats. */
export const EXPORT_FORMAT_NAMES = ['pb', 'onnx', 'tfjs', 'saved_model'] as const;

export type ExportFormatName = (typeof EXPORT_FORMAT_NAMES)[number];
