import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { formatInspection } from '../../../src/cli/inspect-output.ts';
import { EXPORT_FORMATS, type ExportFormatName } from '../../../src/export/index.ts';
import { fileContent } from '../../../src/inspect/file-content.ts';
import { frozenGraph } from '../../../src/inspect/frozen-graph.ts';
import { inspection } from '../../../src/inspect/index.ts';
import type { Model } from '../../../src/inspect/model.ts';
import { onnxModel } from '../../../src/inspect/onnx-model.ts';
import { loadFrozenModel } from '../../../src/runtime/index.ts';
import { sinks } from '../../../src/runtime/order.ts';
import { planGraph } from '../../../src/runtime/plan.ts';
import { readGraphDef } from '../../../src/runtime/read-graph.ts';
import { strippedGraph } from '../../../src/strip/index.ts';
import { GraphDefSchema, MetaGraphDefSchema, onnx, SavedModelSchema } from '../../../src/wire/protos.ts';
import { branchingGraph, everyOperation, smallClassifier } from '../../export/graphs.ts';
import { damage } from '../../runtime/mutations.ts';
import { refMetaGraph, resourceMetaGraph, values } from '../../strip/graphs.ts';
import { damageMessage } from './damage-tree.ts';
import type { Target } from './target.ts';

const graphs = [everyOperation(), smallClassifier(), branchingGraph(0)];
const exported = (name: ExportFormatName) =>
  EXPORT_FORMATS[name].weightFormats.flatMap((weightFormat) =>
    graphs.map(
      (graph) => EXPORT_FORMATS[name].encode(graph, { filename: 'model.pb', weightFormat })[0]!.bytes,
    ),
  );
const damagedGraph: Target['damage'] = (bytes, draw) =>
  draw(2) === 0 && isGraph(bytes) ? damage(bytes, draw) : damageMessage(GraphDefSchema, bytes, draw);

export const graphTargets: Readonly<Record<string, Target>> = {
  /** A frozen graph read and planned, not run. */
  graph: {
    whole: exported('pb'),
    slowness: 2,
    damage: damagedGraph,
    async read(bytes) {
      const graph = await readGraphDef(bytes);
      const output = sinks(graph)[0];
      if (output !== undefined) planGraph(graph, output);
    },
  },
  /** A frozen graph read, placed and run. */
  run: {
    whole: exported('pb'),
    damage: damagedGraph,
    slowness: 50,
    async read(bytes) {
      const model = await loadFrozenModel(bytes, { engine: 'simd', threads: 1 });
      try {
        const size = model.inputShape.reduce((product, extent) => product * extent, 1);
        if (size < 2 ** 20) await model.run(new Float32Array(size));
      } finally {
        await model.dispose();
      }
    },
  },
  inspect: { whole: exported('pb'), damage: damagedGraph, slowness: 4, read: inspected },
  saved_model: {
    whole: exported('saved_model'),
    slowness: 8,
    damage: (bytes, draw) => damageMessage(SavedModelSchema, bytes, draw),
    read: inspected,
  },
  onnx: {
    whole: exported('onnx'),
    slowness: 8,
    damage: (bytes, draw) => damageMessage(onnx.ModelProtoSchema, bytes, draw),
    read: inspected,
  },
  /** What reads an ONNX model back after it has been written. */
  onnx_weights: {
    whole: exported('onnx'),
    damage: (bytes, draw) => damageMessage(onnx.ModelProtoSchema, bytes, draw),
    read: (bytes) => EXPORT_FORMATS.onnx.readWeights([{ name: 'model.onnx', bytes }]),
  },
  /** What reads a frozen graph's weights back. */
  pb_weights: {
    whole: exported('pb'),
    damage: damagedGraph,
    read: (bytes) => EXPORT_FORMATS.pb.readWeights([{ name: 'model.pb', bytes }]),
  },
  strip: {
    slowness: 4,
    whole: [refMetaGraph(), resourceMetaGraph()].map((graph) => toBinary(MetaGraphDefSchema, graph)),
    damage: (bytes, draw) => damageMessage(MetaGraphDefSchema, bytes, draw),
    read(bytes) {
      const metaGraph = parsed(() => fromBinary(MetaGraphDefSchema, bytes));
      if (!metaGraph) return;
      const { graph } = strippedGraph(metaGraph, values, { outputNodeNames: ['fc/fc_2'] });
      for (const name of ['onnx', 'tfjs'] as const)
        EXPORT_FORMATS[name].encode(graph, { filename: 'a.pb', weightFormat: 'dense', outputs: ['fc/fc_2'] });
    },
  },
};

/** As the command prints it. */
function inspected(bytes: Uint8Array): string | undefined {
  const content = fileContent(bytes);
  if (!content || content.kind === 'TensorFlow.js model') return undefined;
  const part = content.kind === 'ONNX model' ? onnxModel(content.graph) : frozenGraph(content.graph);
  const model: Model = {
    kind: content.kind,
    path: 'model',
    files: [{ path: 'model', bytes: bytes.length }],
    ...part,
  };
  return formatInspection(inspection(model), { all: true });
}

const isGraph = (bytes: Uint8Array) =>
  (parsed(() => fromBinary(GraphDefSchema, bytes))?.node.length ?? 0) > 0;

function parsed<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
