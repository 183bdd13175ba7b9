import { checkpointModel, type KnownNetwork } from './checkpoint.ts';
import { findSource, type Source } from './find-source.ts';
import { frozenGraph } from './frozen-graph.ts';
import type { InputShapes } from './input-shapes.ts';
import type { Model } from './model.ts';
import { folderSize, modelFile } from './model-files.ts';
import { onnxModel } from './onnx-model.ts';
import { savedModel } from './saved-model.ts';
import { tfjsModel } from './tfjs-model.ts';

/**
 * Reads a model of any kind: a train_dir or a checkpoint's prefix, a frozen graph, ...
 *
 * @param inputShapes shapes of inputs that the file leaves open
 * @param known networks to take the graph from if a checkpoint has none
 * @throws UserError `file` if there is no model, `checkpoint` or `graph` if it is damaged, `argument` if it has no such input
 */
export async function loadModel(
  path: string,
  inputShapes: InputShapes = [],
  known: readonly KnownNetwork[] = [],
): Promise<Model> {
  return loadSource(await findSource(path), path, inputShapes, known);
}

async function loadSource(
  source: Source,
  given: string,
  inputShapes: InputShapes,
  known: readonly KnownNetwork[],
): Promise<Model> {
  switch (source.kind) {
    case 'checkpoint':
      return {
        kind: source.kind,
        ...(await checkpointModel(source.dirOrPrefix, inputShapes, known)),
        folder: await folderSize(given),
      };
    case 'frozen graph':
      return {
        kind: source.kind,
        path: source.path,
        files: [await modelFile(source.path)],
        ...frozenGraph(source.graph, inputShapes),
      };
    case 'SavedModel':
      return {
        kind: source.kind,
        path: source.path,
        ...(await savedModel(source.path, source.graph, inputShapes)),
      };
    case 'ONNX model':
      return {
        kind: source.kind,
        path: source.path,
        files: [await modelFile(source.path)],
        ...onnxModel(source.graph, inputShapes),
      };
    case 'TensorFlow.js model':
      return {
        kind: source.kind,
        path: source.path,
        ...(await tfjsModel(source.path, source.manifest, inputShapes)),
      };
  }
}
