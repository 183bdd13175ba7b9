import { describe, expect, test } from 'vitest';
import { graphVariables, readName, trainingGraph } from '../../src/graph/index.ts';
import {
  INPUT_NODE,
  layerOutputName,
  maskedWeightName,
  maskName,
  weightsName,
} from '../../src/model/names.ts';
import { weightedLayers } from '../../src/model/network.ts';
import { trainableVariables } from '../../src/model/variables.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import { inputNode, nodesByName, parseInput } from '../../src/tensorflow/lookup.ts';
import type { AttrValue, NodeDef } from '../../src/wire/protos.ts';
import { tensorFromProto } from '../../src/wire/tensor.ts';

const graph = trainingGraph(CIFAR10_NETWORK, 'cifar10_pruning');
const nodes = nodesByName(graph);
const layers = weightedLayers(CIFAR10_NETWORK).map(({ name }) => name);
const variables = graphVariables(CIFAR10_NETWORK, 'cifar10_pruning');

const nodeNamed = (name: string) => nodes.get(name)!;
const extents = (value: AttrValue | undefined): (number[] | undefined)[] => {
  const shapes = value?.value.case === 'list' ? value.value.value.shape : [value?.value.value];
  return shapes.map((shape) =>
    typeof shape === 'object' && 'dim' in shape ? shape.dim.map(({ size }) => Number(size)) : undefined,
  );
};
const outputShape = (name: string) => extents(nodeNamed(name).attr._output_shapes)[0];
const ints = (value: AttrValue | undefined) =>
  value?.value.case === 'list' ? value.value.value.i.map(Number) : undefined;
const constantOf = (name: string) => {
  const value = nodeNamed(name).attr.value?.value;
  if (value?.case !== 'tensor') throw new Error(`${name} is no constant`);
  return value.value;
};

/** The tensors that flow from `images` to a node, the operations' names in that order, weights left out. */
function pathFromImages(to: NodeDef): string[] {
  const [first] = to.input;
  if (first === undefined) return [to.op];
  return [...pathFromImages(inputNode(nodes, to, first)), to.op];
}

test('every input is in the graph', () => {
  for (const node of graph.node)
    for (const input of node.input) expect(inputNode(nodes, node, input)).toBeDefined();
});

test('images flow through the layers to the logits', () => {
  expect(pathFromImages(nodeNamed('softmax_linear/softmax_linear_2'))).toEqual([
    ...['Placeholder', 'Conv2D', 'BiasAdd', 'Relu', 'MaxPool', 'LRN'],
    ...['Conv2D', 'BiasAdd', 'Relu', 'LRN', 'MaxPool'],
    ...['Reshape', 'MatMul', 'Add', 'Relu'],
    ...['MatMul', 'Add', 'Relu'],
    ...['MatMul', 'Add'],
  ]);
});

test('shapes leave the batch open', () => {
  expect(extents(nodeNamed(INPUT_NODE).attr.shape)).toEqual([[-1, 24, 24, 3]]);
  expect(layers.map((layer) => outputShape(layerOutputName(layer)))).toEqual([
    [-1, 24, 24, 64],
    [-1, 12, 12, 64],
    [-1, 384],
    [-1, 192],
    [-1, 10],
  ]);
  expect(outputShape('pool2')).toEqual([-1, 6, 6, 64]);
  expect(tensorFromProto(constantOf('local3/Reshape/shape')).data).toEqual(Int32Array.of(-1, 2304));
});

test.each(['pool1', 'pool2'])('%s takes the largest of 3x3 at stride 2', (pool) => {
  const { attr } = nodeNamed(pool);
  expect([ints(attr.ksize), ints(attr.strides)]).toEqual([
    [1, 3, 3, 1],
    [1, 2, 2, 1],
  ]);
});

test.each(['norm1', 'norm2'])('%s normalizes over 9 channels', (norm) => {
  const { attr } = nodeNamed(norm);
  const values = [attr.depth_radius, attr.bias, attr.alpha, attr.beta].map((value) => value?.value.value);
  expect(values).toEqual([4n, 1, 0.001 / 9, 0.75]);
});

describe.each(layers)('%s', (layer) => {
  test('multiplies by its masked weights, and they are mask times weights', () => {
    const masked = nodeNamed(maskedWeightName(layer));
    expect(masked.op).toBe('Mul');
    expect([...masked.input].sort()).toEqual([maskName(layer), weightsName(layer)].map(readName).sort());
    const readers = graph.node.filter(({ input }) => input.includes(masked.name));
    expect(readers.map(({ op }) => op)).toEqual([layer.startsWith('conv') ? 'Conv2D' : 'MatMul']);
  });

  test('decays its raw weights', () => {
    expect(nodeNamed(`${layer}/L2Loss`).input).toEqual([readName(weightsName(layer))]);
    const { weightDecay } = weightedLayers(CIFAR10_NETWORK).find(({ name }) => name === layer)!;
    expect(tensorFromProto(constantOf(`${layer}/weight_loss/y`)).data).toEqual(Float32Array.of(weightDecay));
    expect(nodeNamed('total_loss').input).toContain(`${layer}/weight_loss`);
  });
});

describe('variables', () => {
  test('are the 39 of the original', () => {
    const perLayer = [
      ...['weights', 'biases', 'mask', 'threshold', 'weight_loss/avg'],
      ...['weights/ExponentialMovingAverage', 'biases/ExponentialMovingAverage'],
    ];
    const expected = [
      ...['global_step', 'cifar10_pruning/last_mask_update_step', 'cross_entropy/avg', 'total_loss/avg'],
      ...layers.flatMap((layer) => perLayer.map((name) => `${layer}/${name}`)),
    ];
    expect(expected).toHaveLength(39);
    expect(variables.map(({ name }) => name).sort()).toEqual(expected.sort());
  });

  test('that are trainable are weights and biases', () => {
    const trainable = variables.filter((variable) => variable.trainable).map(({ name }) => name);
    expect(trainable).toEqual(trainableVariables(CIFAR10_NETWORK).map(({ name }) => name));
  });

  test('are held by reference, assigned an initial value of their shape, and read', () => {
    for (const { name, shape } of variables) {
      expect(nodeNamed(name).op).toBe('VariableV2');
      expect(extents(nodeNamed(name).attr.shape)).toEqual([[...shape]]);
      expect(nodeNamed(`${name}/Assign`).input[0]).toBe(name);
      expect(nodeNamed(readName(name))).toMatchObject({ op: 'Identity', input: [name] });
    }
  });

  test('are all set by init', () => {
    expect(
      nodeNamed('init')
        .input.map((input) => parseInput(input).node)
        .sort(),
    ).toEqual(variables.map(({ name }) => `${name}/Assign`).sort());
  });
});

describe('the saver', () => {
  const names = (constant: string) =>
    constantOf(constant).stringVal.map((name) => Buffer.from(name).toString());

  test('saves each variable under its name, whole', () => {
    const saved = nodeNamed('save/SaveV2').input.slice(3);
    expect(saved).toHaveLength(39);
    expect(names('save/SaveV2/tensor_names')).toEqual(saved);
    expect(names('save/SaveV2/shape_and_slices')).toEqual(saved.map(() => ''));
  });

  test('restores each variable from the value of its name', () => {
    const restored = names('save/RestoreV2/tensor_names');
    const assigned = nodeNamed('save/restore_all').input.map((input) => {
      const [variable, value] = nodeNamed(parseInput(input).node).input;
      return [variable, restored[parseInput(value!).output]];
    });
    expect(assigned).toHaveLength(39);
    for (const [variable, name] of assigned) expect(name).toBe(variable);
  });
});
