import { createHash } from 'node:crypto';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { graphVariables, metaGraph } from '../../src/graph/index.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import { nodesByName, parseInput } from '../../src/tensorflow/lookup.ts';
import { MetaGraphDefSchema, type VariableDef, VariableDefSchema } from '../../src/wire/protos.ts';

const meta = metaGraph(CIFAR10_NETWORK, { pruningName: 'cifar10_pruning', keep: 5 });
const nodes = nodesByName(meta.graphDef!);
const layers = ['conv1', 'conv2', 'local3', 'local4', 'softmax_linear'];

function variablesIn(collection: string): VariableDef[] {
  const kind = meta.collectionDef[collection]?.kind;
  if (kind?.case !== 'bytesList') throw new Error(`${collection} holds no variables`);
  return kind.value.value.map((bytes) => fromBinary(VariableDefSchema, bytes));
}

function tensorsIn(collection: string): string[] {
  const kind = meta.collectionDef[collection]?.kind;
  if (kind?.case !== 'nodeList') throw new Error(`${collection} holds no tensors`);
  return kind.value.value;
}

test('the CIFAR-10 network has the graph that it has always had, to the byte', () => {
  const bytes = toBinary(
    MetaGraphDefSchema,
    metaGraph(CIFAR10_NETWORK, { pruningName: 'model_pruning', keep: 5 }),
  );
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(
    '67db6b300edcc6150f898d6ac6bb74488c69bc8e686263c819197decf7ec11ca',
  );
});

test.each([
  ['masks', (layer: string) => `${layer}/mask:0`],
  ['thresholds', (layer: string) => `${layer}/threshold:0`],
  ['masked_weights', (layer: string) => `${layer}/weights/masked_weight:0`],
  ['kernel', (layer: string) => `${layer}/weights:0`],
])('the collection %s names a tensor of each layer', (collection, tensor) => {
  expect(tensorsIn(collection)).toEqual(layers.map(tensor));
  for (const name of tensorsIn(collection)) expect(nodes.has(parseInput(name).node)).toBe(true);
});

test('the collections of variables tell which are trained and averaged', () => {
  const names = (collection: string) => variablesIn(collection).map(({ variableName }) => variableName);
  const trained = layers.flatMap((layer) => [`${layer}/weights:0`, `${layer}/biases:0`]);
  expect(names('variables')).toEqual(
    graphVariables(CIFAR10_NETWORK, 'cifar10_pruning').map(({ name }) => `${name}:0`),
  );
  expect(names('trainable_variables')).toEqual(trained);
  expect(names('moving_average_variables')).toEqual(trained);
  expect(names('global_step')).toEqual(['global_step:0']);
});

test('what a variable refers to is in the graph', () => {
  for (const { variableName, initializerName, snapshotName, initialValueName } of variablesIn('variables')) {
    const referred = [variableName, initializerName, snapshotName, initialValueName];
    for (const name of referred) expect(nodes.has(parseInput(name).node), name).toBe(true);
  }
});

test('the saver names its operations in the graph and keeps as many as asked', () => {
  const { filenameTensorName, saveTensorName, restoreOpName, maxToKeep } = meta.saverDef!;
  for (const name of [filenameTensorName, saveTensorName, restoreOpName])
    expect(nodes.has(parseInput(name).node), name).toBe(true);
  expect(maxToKeep).toBe(5);
});
