import { toBinary } from '@bufbuild/protobuf';
import { GraphDefSchema } from '../wire/protos.ts';
import type { ExportFormat } from './format.ts';

/** TensorFlow's frozen graph: one binary GraphDef. */
export const pb: ExportFormat = {
  doc: 'frozen graph of TensorFlow (binary GraphDef)',
  weightFormats: ['dense'],
  encode: (graph, { filename }) => [{ name: filename, bytes: toBinary(GraphDefSchema, graph) }],
};
