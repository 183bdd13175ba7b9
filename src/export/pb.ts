import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { GraphDefSchema } from '../wire/protos.ts';
import type { ExportFormat } from './format.ts';
import { weightConstants } from './weights/index.ts';

/** TensorFlow's frozen graph: one binary GraphDef. */
export const pb: ExportFormat = {
  doc: 'frozen graph of TensorFlow (binary GraphDef)',
  weightFormats: ['dense'],
  encode: (graph, { filename }) => [{ name: filename, bytes: toBinary(GraphDefSchema, graph) }],
  readWeights: ([file]) => {
    const weights = weightConstants(fromBinary(GraphDefSchema, file!.bytes));
    return new Map(weights.map(({ name, value }) => [name, { value, bytes: value.data.byteLength }]));
  },
  readGraph: ([file]) => file!.bytes,
};
