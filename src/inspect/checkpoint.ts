import { type Checkpoint, type HeldCheckpoint, openExisting } from '../checkpoint/index.ts';
import { UserError } from '../errors.ts';
import { trainingGraph } from '../graph/index.ts';
import { CIFAR10_NETWORK } from '../model/cifar10.ts';
import { GLOBAL_STEP, maskName, weightsName } from '../model/names.ts';
import { weightedLayers, weightShape } from '../model/network.ts';
import type { GraphDef } from '../wire/protos.ts';
import type { Tensor } from '../wire/tensor.ts';
import { insideFunctions } from './frozen-graph.ts';
import { graphWeights } from './graph-weights.ts';
import { knownValues } from './known-values.ts';
import type { Model } from './model.ts';
import { describeTensor } from './tensors.ts';
import { weightsByName } from './weights-by-name.ts';

type VariablesPart = Pick<Model, 'weights' | 'tensors' | 'notices' | 'graph'>;

/**
 * The newest checkpoint of a folder, or the one that a prefix names, with the graph that was saved with it.
 *
 * @throws UserError `checkpoint` if there is none, or it is damaged
 */
export async function checkpointModel(
  dirOrPrefix: string,
): Promise<VariablesPart & Pick<Model, 'path' | 'files' | 'step'>> {
  const checkpoint = await openExisting(dirOrPrefix);
  try {
    return await modelOf(checkpoint);
  } finally {
    await checkpoint.close();
  }
}

async function modelOf(
  checkpoint: HeldCheckpoint,
): Promise<VariablesPart & Pick<Model, 'path' | 'files' | 'step'>> {
  const variables = await readVariables(checkpoint);
  const { graph, notices } = await graphOf(checkpoint);
  const step = variables.get(GLOBAL_STEP)?.data[0];
  const part = variablesInGraph(variables, graph);
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

/** Variables, in the graph that reads them. */
export function variablesInGraph(
  variables: ReadonlyMap<string, Tensor>,
  graph: GraphDef | undefined,
): VariablesPart {
  const found = graph && graphWeights(graph, knownValues(graph, variables));
  const weights = found && found.weights.length > 0 ? found.weights : weightsByName(variables);
  const names = new Set(weights.map(({ name }) => name));
  return {
    weights,
    tensors: [...variables]
      .filter(([name]) => !names.has(name))
      .map(([name, tensor]) => describeTensor(name, tensor)),
    graph,
    notices: [...(found?.notices ?? []), ...(graph ? insideFunctions(graph) : [])],
  };
}

/** Where a checkpoint has come without its graph but is one of the CIFAR-10 network, the graph is known. */
async function graphOf(
  checkpoint: HeldCheckpoint,
): Promise<{ graph: GraphDef | undefined; notices: string[] }> {
  try {
    return { graph: (await checkpoint.metaGraph()).graphDef, notices: [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (isCifar10(checkpoint))
      return {
        graph: trainingGraph(CIFAR10_NETWORK, 'model_pruning'),
        notices: [
          `${error.message}; the graph is taken from the CIFAR-10 network, whose variables these are`,
        ],
      };
    return { graph: undefined, notices: [`${error.message}; without the graph multiply-adds are not known`] };
  }
}

function isCifar10(checkpoint: Checkpoint): boolean {
  return weightedLayers(CIFAR10_NETWORK).every((layer) =>
    [weightsName(layer.name), maskName(layer.name)].every(
      (name) => checkpoint.has(name) && checkpoint.shape(name).join() === weightShape(layer).join(),
    ),
  );
}
