import { dirname, join } from 'node:path';
import { openCheckpoint } from '../checkpoint/index.ts';
import type { GraphDef } from '../wire/protos.ts';
import { readVariables, variablesInGraph } from './checkpoint.ts';
import { frozenGraph } from './frozen-graph.ts';
import type { InputShapes } from './input-shapes.ts';
import type { Model } from './model.ts';
import { filesBelow } from './model-files.ts';

/**
 * A SavedModel, whose graph may hold its weights itself or in the folder `variables`.
 *
 * @param path of `saved_model.pb`
 * @throws UserError `checkpoint` or `graph` if it is damaged
 */
export async function savedModel(
  path: string,
  graph: GraphDef,
  inputShapes: InputShapes,
): Promise<Omit<Model, 'kind' | 'path'>> {
  const folder = dirname(path);
  const files = await filesBelow(folder);
  const variables = join(folder, 'variables', 'variables');
  if (!files.some((file) => file.path === `${variables}.index`))
    return { files, ...frozenGraph(graph, inputShapes) };
  const values = await readVariables(await openCheckpoint(variables));
  return { files, ...variablesInGraph(values, graph, inputShapes) };
}
