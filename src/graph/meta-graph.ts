import { create, toBinary } from '@bufbuild/protobuf';
import { GLOBAL_STEP, maskedWeightName, maskName, thresholdName, weightsName } from '../model/names.ts';
import { type Network, weightedLayers } from '../model/network.ts';
import {
  type CollectionDef,
  CollectionDefSchema,
  type MetaGraphDef,
  MetaGraphDefSchema,
  VariableDefSchema,
} from '../wire/protos.ts';
import { saverDef } from './saver.ts';
import { trainingGraph } from './training-graph.ts';
import { assignName, type GraphVariable, graphVariables, initialValueName, readName } from './variables.ts';

export interface MetaGraphOptions {
  /** The hparam `name`, the scope of the variable last_mask_update_step. */
  readonly pruningName: string;
  /** The number of checkpoints that a TensorFlow Saver of this graph keeps. */
  readonly keep: number;
}

/** The training graph with its saver and with the collections that the graph of TensorFlow's pruning example has. */
export function metaGraph(network: Network, { pruningName, keep }: MetaGraphOptions): MetaGraphDef {
  const variables = graphVariables(network, pruningName);
  const trainable = variables.filter((variable) => variable.trainable);
  const layers = weightedLayers(network).map(({ name }) => name);
  return create(MetaGraphDefSchema, {
    metaInfoDef: { tags: [], tensorflowVersion: '1.14.0', tensorflowGitVersion: 'unknown' },
    graphDef: trainingGraph(network, pruningName),
    saverDef: saverDef(keep),
    collectionDef: {
      variables: variableCollection(variables),
      trainable_variables: variableCollection(trainable),
      moving_average_variables: variableCollection(trainable),
      global_step: variableCollection(variables.filter(({ name }) => name === GLOBAL_STEP)),
      kernel: tensorCollection(layers.map(weightsName)),
      masks: tensorCollection(layers.map(maskName)),
      thresholds: tensorCollection(layers.map(thresholdName)),
      masked_weights: tensorCollection(layers.map(maskedWeightName)),
    },
  });
}

const firstOutput = (node: string) => `${node}:0`;

function variableCollection(variables: readonly GraphVariable[]): CollectionDef {
  const value = variables.map((variable) =>
    toBinary(
      VariableDefSchema,
      create(VariableDefSchema, {
        variableName: firstOutput(variable.name),
        initialValueName: firstOutput(initialValueName(variable)),
        initializerName: assignName(variable.name),
        snapshotName: firstOutput(readName(variable.name)),
        trainable: variable.trainable,
      }),
    ),
  );
  return create(CollectionDefSchema, { kind: { case: 'bytesList', value: { value } } });
}

function tensorCollection(nodes: readonly string[]): CollectionDef {
  return create(CollectionDefSchema, {
    kind: { case: 'nodeList', value: { value: nodes.map(firstOutput) } },
  });
}
