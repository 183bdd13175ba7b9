import { toBinary } from '@bufbuild/protobuf';
import { parseGraphDef } from '../runtime/read-graph.ts';
import { GraphDefSchema } from '../wire/protos.ts';
import type { ExportFormat } from './format.ts';
import { WEIGHT_FORMATS } from './weight-format.ts';
import { readWeights, storeWeights } from './weights/index.ts';

/** TensorFlow's frozen graph: one binary GraphDef. */
export const pb: ExportFormat = {
  doc: 'frozen graph of TensorFlow (binary GraphDef)',
  weightFormats: WEIGHT_FORMATS,
  encode: (graph, { filename, weightFormat }) => [
    { name: filename, bytes: toBinary(GraphDefSchema, storeWeights(graph, weightFormat)) },
  ],
  readWeights: ([file]) => readWeights(parseGraphDef(file!.bytes, file!.name)),
  readGraph: ([file]) => file!.bytes,
};
