import { type Checkpoint, type HeldCheckpoint, openExisting } from '../checkpoint/index.ts';
import { UserError } from '../errors.ts';
import { trainingGraph } from '../graph/index.ts';
import { GLOBAL_STEP, maskName, weightsName } from '../model/names.ts';
import { type Network, weightedLayers, weightShape } from '../model/network.ts';
import type { Task } from '../tasks/task.ts';
import type { GraphDef } from '../wire/protos.ts';
import type { Tensor } from '../wire/tensor.ts';
import { leftCallsNotice, namesIn } from './frozen-graph.ts';
import { graphWeights } from './graph-weights.ts';
import { givenShapes, type InputShapes } from './input-shapes.ts';
import { knownValues } from './known-values.ts';
import type { Model, ModelWeight } from './model.ts';
import { restoredVariables } from './restored-variables.ts';
import { describeTensor } from './tensors.ts';
import { weightsByName } from './weights-by-name.ts';

/** A network whose graph is known. */
export type KnownNetwork = Pick<Task, 'title' | 'network'>;

type VariablesPart = Pick<Model, 'weights' | 'tensors' | 'notices' | 'graph' | 'incomplete'>;

/**
 * The newest checkpoint of a folder, or the one with a prefix, with the graph that was saved with it.
 *
 * @param known networks to take the graph from if the checkpoint has none
 * @throws UserError `checkpoint` if the checkpoint is missing or damaged
 */
export async function checkpointModel(
  dirOrPrefix: string,
  inputShapes: InputShapes,
  known: readonly KnownNetwork[],
): Promise<VariablesPart & Pick<Model, 'path' | 'files' | 'step'>> {
  const checkpoint = await openExisting(dirOrPrefix);
  try {
    return await modelOf(checkpoint, inputShapes, known);
  } finally {
    await checkpoint.close();
  }
}

async function modelOf(
  checkpoint: HeldCheckpoint,
  inputShapes: InputShapes,
  known: readonly KnownNetwork[],
): Promise<VariablesPart & Pick<Model, 'path' | 'files' | 'step'>> {
  const variables = await readVariables(checkpoint);
  const { graph, notices } = await graphOf(checkpoint, known);
  const step = variables.get(GLOBAL_STEP)?.data[0];
  const part = variablesInGraph(variables, graph, inputShapes);
  return {
    ...part,
    path: checkpoint.prefix,
    files: checkpoint.files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    step: step === undefined ? checkpoint.step : Number(step),
    notices: [...notices, ...part.notices],
  };
}

export async function readVariables(checkpoint: Checkpoint): Promise<Map<string, Tensor>> {
  const variables = new Map<string, Tensor>();
  for (const name of checkpoint.names) variables.set(name, await checkpoint.read(name));
  return variables;
}

/** Weights and other tensors among variables, found with the graph that reads them. @param variables by their names in the checkpoint */
export function variablesInGraph(
  variables: ReadonlyMap<string, Tensor>,
  graph: GraphDef | undefined,
  inputShapes: InputShapes = [],
): VariablesPart {
  if (!graph) return { ...variablesAlone(variables, weightsByName(variables)), graph, notices: [] };
  const keys = restoredVariables(graph);
  const known = knownValues(graph, byNode(variables, keys), givenShapes(inputShapes, ...namesIn(graph)));
  const { weights, notices } = graphWeights(known);
  const found = weights.length > 0;
  const named = found ? weights : weightsByName(variables);
  return {
    ...variablesAlone(variables, named, keys),
    graph,
    incomplete: !found || known.leftCalls > 0,
    notices: [...notices, ...leftCallsNotice(known)],
  };
}

/** Splits variables into weights and other tensors. */
function variablesAlone(
  variables: ReadonlyMap<string, Tensor>,
  weights: readonly ModelWeight[],
  keys: ReadonlyMap<string, string> = new Map(),
) {
  const names = new Set(weights.flatMap(({ name }) => [name, keys.get(name) ?? name]));
  const others = [...variables].filter(([name]) => !names.has(name));
  return { weights, tensors: others.map(([name, tensor]) => describeTensor(name, tensor)) };
}

/** Variables by the names of the nodes that hold them, and by their own names. */
function byNode(
  variables: ReadonlyMap<string, Tensor>,
  keys: ReadonlyMap<string, string>,
): Map<string, Tensor> {
  const all = new Map(variables);
  for (const [node, key] of keys) {
    const tensor = variables.get(key);
    if (tensor) all.set(node, tensor);
  }
  return all;
}

/** The graph of a checkpoint; if it has none but its variables are those of a known network, the graph of that network. */
async function graphOf(
  checkpoint: HeldCheckpoint,
  known: readonly KnownNetwork[],
): Promise<{ graph: GraphDef | undefined; notices: string[] }> {
  try {
    return { graph: (await checkpoint.metaGraph()).graphDef, notices: [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const found = known.find(({ network }) => isOf(network, checkpoint));
    if (found)
      return {
        graph: trainingGraph(found.network, 'model_pruning'),
        notices: [`${error.message}; the graph is taken from ${found.title}, whose variables these are`],
      };
    return { graph: undefined, notices: [`${error.message}; without the graph multiply-adds are not known`] };
  }
}

function isOf(network: Network, checkpoint: Checkpoint): boolean {
  return weightedLayers(network).every((layer) =>
    [weightsName(layer.name), maskName(layer.name)].every(
      (name) => checkpoint.has(name) && checkpoint.shape(name).join() === weightShape(layer).join(),
    ),
  );
}
