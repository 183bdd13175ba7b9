import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { type TfjsManifest, tfjsManifest } from '../formats/tfjs/manifest.ts';
import { type GraphDef, GraphDefSchema, MetaGraphDefSchema, onnx, SavedModelSchema } from '../wire/protos.ts';

/** The content of a model's main file. */
export type FileContent =
  | { readonly kind: 'frozen graph'; readonly graph: GraphDef }
  | { readonly kind: 'SavedModel'; readonly graph: GraphDef }
  | { readonly kind: 'ONNX model'; readonly graph: onnx.GraphProto }
  | { readonly kind: 'TensorFlow.js model'; readonly manifest: TfjsManifest };

/** Recognizes a format by what the bytes parse as. @returns undefined for an unknown format */
export function fileContent(bytes: Uint8Array): FileContent | undefined {
  // A few bytes of one message often parse as another, so each must also have the parts of a model.
  const manifest = tfjsManifest(bytes);
  if (manifest) return { kind: 'TensorFlow.js model', manifest };
  const saved = parsed(SavedModelSchema, bytes)?.metaGraphs[0]?.graphDef;
  if (isGraph(saved)) return { kind: 'SavedModel', graph: saved };
  const open = parsed(onnx.ModelProtoSchema, bytes)?.graph;
  if (open && open.node.length > 0 && open.node.every(({ opType }) => opType))
    return { kind: 'ONNX model', graph: open };
  const graph = parsed(MetaGraphDefSchema, bytes)?.graphDef;
  const frozen = isGraph(graph) ? graph : parsed(GraphDefSchema, bytes);
  return isGraph(frozen) ? { kind: 'frozen graph', graph: frozen } : undefined;
}

function isGraph(graph: GraphDef | undefined): graph is GraphDef {
  return graph !== undefined && graph.node.length > 0 && graph.node.every(({ name, op }) => name && op);
}

function parsed<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> | undefined {
  try {
    return fromBinary(schema, bytes);
  } catch {
    return undefined;
  }
}
