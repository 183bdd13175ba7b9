import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { UserError } from '../../errors.ts';
import { initializesTable } from '../../tensorflow/tables.ts';
import {
  type GraphDef,
  GraphDefSchema,
  SavedModelSchema,
  type SignatureDef,
  SignatureDefSchema,
  TensorInfoSchema,
} from '../../wire/protos.ts';
import type { ExportedFile, ExportFormat } from '../format.ts';
import { outputsOf, stem } from '../outputs.ts';
import { servingSignature } from '../signature.ts';
import { WEIGHT_FORMATS } from '../weight-format.ts';
import { readWeights, storeWeights } from '../weights/index.ts';

/** The tag under which TensorFlow loads a graph by default. */
const TAG = 'serve';
const SIGNATURE = 'serving_default';
const INITIALIZATION = '__saved_model_init_op';

const mainFile = (filename: string) => `${stem(filename)}_saved_model/saved_model.pb`;

/** A folder for TensorFlow's `saved_model.load` and TensorFlow Serving. Its graph has no variables, so it is a single file. */
export const savedModel: ExportFormat = {
  doc: 'folder that TensorFlow loads and serves (SavedModel)',
  weightFormats: WEIGHT_FORMATS,
  mainFile,
  encode(graph, options) {
    const signature = servingSignature(graph, outputsOf(graph, options));
    const metaGraph = {
      metaInfoDef: { tags: [TAG] },
      graphDef: storeWeights(graph, options.weightFormat),
      signatureDef: { [SIGNATURE]: signature, ...initialization(graph) },
    };
    const model = create(SavedModelSchema, { savedModelSchemaVersion: 1n, metaGraphs: [metaGraph] });
    const name = mainFile(options.filename);
    return [{ name, bytes: toBinary(SavedModelSchema, model) }];
  },
  readWeights: (files) => readWeights(graphOf(files)),
  readGraph: (files) => toBinary(GraphDefSchema, graphOf(files)),
};

/** The signature of the node that TensorFlow runs after it has loaded the model, to fill lookup tables. */
function initialization(graph: GraphDef): Record<string, SignatureDef> {
  const awaited = new Set(graph.node.flatMap(({ op, input }) => (op === 'NoOp' ? input : [])));
  const all = graph.node.filter(
    (node) => (node.op === 'NoOp' || initializesTable(node)) && !awaited.has(`^${node.name}`),
  );
  const [only] = all;
  if (!only) return {};
  if (all.length > 1)
    throw new UserError(
      'argument',
      `a SavedModel runs one initializer when it is loaded, and the graph has ${all.map(({ name }) => name).join(', ')}`,
      'Name one that fills all lookup tables with --output_node_names.',
    );
  const info = create(TensorInfoSchema, { encoding: { case: 'name', value: only.name } });
  return { [INITIALIZATION]: create(SignatureDefSchema, { outputs: { [INITIALIZATION]: info } }) };
}

function graphOf([file]: readonly ExportedFile[]): GraphDef {
  const graph = tryParse(file!.bytes)?.metaGraphs[0]?.graphDef;
  if (graph) return graph;
  throw new UserError('graph', `${file!.name} is not a SavedModel with a graph`);
}

function tryParse(bytes: Uint8Array) {
  try {
    return fromBinary(SavedModelSchema, bytes);
  } catch {
    return undefined;
  }
}
