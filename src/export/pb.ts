import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import { type GraphDef, GraphDefSchema } from '../wire/protos.ts';
import type { ExportedFile, ExportFormat } from './format.ts';
import { WEIGHT_FORMATS } from './weight-format.ts';
import { readWeights, storeWeights } from './weights/index.ts';

/** TensorFlow's frozen graph: one binary GraphDef. */
export const pb: ExportFormat = {
  doc: 'frozen graph of TensorFlow (binary GraphDef)',
  weightFormats: WEIGHT_FORMATS,
  mainFile: (filename) => filename,
  encode: (graph, { filename, weightFormat }) => [
    { name: filename, bytes: toBinary(GraphDefSchema, storeWeights(graph, weightFormat)) },
  ],
  readWeights: ([file]) => readWeights(graphOf(file!)),
  readGraph: ([file]) => file!.bytes,
};

function graphOf({ name, bytes }: ExportedFile): GraphDef {
  try {
    return fromBinary(GraphDefSchema, bytes);
  } catch (cause) {
    throw new UserError('graph', `${name} is not a GraphDef`, undefined, { cause });
  }
}
