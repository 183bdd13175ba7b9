import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { onnx } from '../../src/export/onnx/index.ts';
import { weightConstants } from '../../src/export/weights/index.ts';
import { graphDef, intListAttr } from '../../src/graph/index.ts';
import { type GraphDef, onnx as messages } from '../../src/wire/protos.ts';
import { floats, image, op, sliding } from '../runtime/graphs.ts';
import { cifar10Graph, everyOperation, LOGITS, smallClassifier } from './graphs.ts';

const encode = (graph: GraphDef, weightFormat = onnx.weightFormats[0]!, outputs?: string[]) =>
  onnx.encode(graph, { filename: 'a/frozen.v1.pb', weightFormat, outputs });
const parsed = (graph: GraphDef, outputs?: string[]) =>
  fromBinary(messages.ModelProtoSchema, encode(graph, 'dense', outputs)[0]!.bytes).graph!;
const named = (graph: messages.GraphProto, name: string) => graph.node.find((node) => node.name === name)!;
const ints = (graph: messages.GraphProto, name: string, key: string) =>
  named(graph, name)
    .attribute.find((attribute) => attribute.name === key)!
    .ints.map(Number);

describe('the graph', () => {
  it('is one file beside the frozen graph, equal for equal graphs', () => {
    const files = encode(smallClassifier());
    expect(files.map(({ name }) => name)).toEqual(['a/frozen.v1.onnx']);
    expect(encode(smallClassifier())).toEqual(files);
  });

  it('takes images as TensorFlow does and keeps the names of nodes', () => {
    const { input, output, node, initializer } = parsed(cifar10Graph(0.9));
    const extents = input[0]!.type!.value.value!.shape!.dim.map(({ value }) => value.value);
    expect([input[0]!.name, extents]).toEqual(['images', ['batch', 24n, 24n, 3n]]);
    expect(output.map(({ name }) => name)).toEqual([LOGITS]);
    expect(node.filter(({ opType }) => opType === 'Conv').map(({ input }) => input)).toEqual([
      ['images/NCHW', 'conv1/weights/masked_weight', 'conv1/biases'],
      ['norm1', 'conv2/weights/masked_weight', 'conv2/biases'],
    ]);
    expect(initializer.find(({ name }) => name === 'conv2/weights/masked_weight')!.dims).toEqual([
      64n,
      64n,
      5n,
      5n,
    ]);
    expect(node.filter(({ opType }) => opType === 'Add')).toEqual([]);
  });

  it('pads at the end more than at the start, as TensorFlow does', () => {
    const graph = parsed(everyOperation());
    // Height 11, window 3, stride 1; width 9, window 2, stride 2: 5 values, 1 pixel missing.
    expect(ints(graph, 'sum1', 'pads')).toEqual([1, 0, 1, 1]);
    // Height 11, window 2, stride 2: 6 values, 1 missing; width 5, window 3, stride 2: 3 values, 2 missing.
    expect(ints(graph, 'pool1', 'pads')).toEqual([0, 1, 1, 1]);
  });

  it('pads a dilated convolution as widely as its taps lie apart', () => {
    const dilated = graphDef([
      image(-1, 8, 8, 1),
      floats('filter', [3, 2, 1, 1], new Array(6).fill(1)),
      op('conv', 'Conv2D', ['images', 'filter'], {
        ...sliding('SAME', 1),
        dilations: intListAttr([1, 2, 4, 1]),
      }),
      op('relu', 'Relu', ['conv']),
    ]);
    // Three rows 2 apart reach over 5, two columns 4 apart over 5: two missing on each side.
    expect(ints(parsed(dilated), 'conv', 'pads')).toEqual([2, 2, 2, 2]);
    expect(ints(parsed(dilated), 'conv', 'dilations')).toEqual([2, 4]);
  });

  it('keeps its own names apart from those of nodes', () => {
    const graph = graphDef([
      image(-1, 4, 4, 1),
      op('images/NCHW', 'Relu', ['images']),
      floats('filter', [1, 1, 1, 1], [1]),
      op('one', 'Conv2D', ['images', 'filter'], sliding('SAME', 1)),
      op('two', 'Conv2D', ['images/NCHW', 'filter'], sliding('SAME', 1)),
      op('sum', 'Add', ['one', 'two']),
    ]);
    const { input, node, initializer } = parsed(graph, ['sum']);
    const given = [...input, ...initializer]
      .map(({ name }) => name)
      .concat(node.flatMap(({ output }) => output));
    expect(new Set(given).size).toBe(given.length);
  });

  it('adds biases within a convolution only if nothing else reads that', () => {
    const layer = (...rest: ReturnType<typeof op>[]) =>
      graphDef([
        image(-1, 4, 4, 1),
        floats('filter', [1, 1, 1, 2], [1, 2]),
        floats('biases', [2], [3, 4]),
        op('conv', 'Conv2D', ['images', 'filter'], sliding('SAME', 1)),
        op('sum', 'BiasAdd', ['conv', 'biases']),
        ...rest,
      ]);
    const operations = (graph: GraphDef, outputs: string[]) =>
      parsed(graph, outputs).node.map(({ opType }) => opType);
    expect(operations(layer(), ['sum'])).toEqual(['Transpose', 'Conv', 'Transpose']);
    expect(operations(layer(), ['sum', 'conv'])).toEqual([
      'Transpose',
      'Conv',
      'Add',
      'Transpose',
      'Transpose',
    ]);
    const both = layer(op('both', 'Mul', ['sum', 'conv']));
    expect(operations(both, ['both'])).toEqual(['Transpose', 'Conv', 'Add', 'Mul', 'Transpose']);
  });

  it('gives an output its name though another node computes it, and never one name twice', () => {
    const graph = graphDef([
      image(-1, 2, 2, 1),
      op('activation', 'Relu', ['images']),
      op('copy', 'Identity', ['activation']),
    ]);
    const { node, output } = parsed(graph);
    expect(node.map(({ opType, output }) => [opType, ...output])).toEqual([
      ['Relu', 'activation'],
      ['Identity', 'copy'],
    ]);
    expect(output.map(({ name }) => name)).toEqual(['copy']);
    const outputs = ['probabilities', 'features', 'scores'];
    const { node: nodes } = parsed(smallClassifier(), outputs);
    expect(new Set(nodes.flatMap(({ output }) => output)).size).toBe(nodes.length);
    expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
  });
});

describe('weights', () => {
  it.each([cifar10Graph(0.9), everyOperation(), smallClassifier()])('are read back as they were', (graph) => {
    const expected = weightConstants(graph);
    for (const format of ['dense', 'sparse'] as const) {
      const found = onnx.readWeights(encode(graph, format));
      expect([...found.keys()].sort()).toEqual(expected.map(({ name }) => name).sort());
      for (const { name, value } of expected) {
        expect(found.get(name)!.value.shape).toEqual(value.shape);
        expect(found.get(name)!.value.data.every((weight, i) => weight === value.data[i])).toBe(true);
      }
    }
  });

  it('take less where zeros are many, and what is read back tells how much', () => {
    const bytes = (sparsity: number, format: (typeof onnx.weightFormats)[number]) => {
      const files = encode(cifar10Graph(sparsity), format);
      const weights = [...onnx.readWeights(files).values()];
      const stored = weights.reduce((sum, weight) => sum + weight.bytes, 0);
      expect(files[0]!.bytes.length - stored).toBeGreaterThan(0);
      expect(files[0]!.bytes.length - stored).toBeLessThan(6000);
      return files[0]!.bytes.length;
    };
    const dense = bytes(0, 'dense');
    expect(bytes(0, 'sparse')).toBe(dense);
    expect(bytes(0.9, 'sparse') / dense).toBeCloseTo(0.3, 2);
    expect(bytes(0.9, 'float16') / dense).toBeCloseTo(0.5, 2);
    expect(bytes(0.9, 'int8') / dense).toBeCloseTo(0.25, 2);
  });

  it('are within half a step of what they were, in int8', () => {
    const graph = cifar10Graph(0);
    const found = onnx.readWeights(encode(graph, 'int8'));
    for (const { name, value } of weightConstants(graph)) {
      const largest = value.data.reduce((max, weight) => Math.max(max, Math.abs(weight)), 0);
      const step = largest / 127;
      const read = found.get(name)!.value.data;
      const error = value.data.reduce((max, weight, i) => Math.max(max, Math.abs(weight - read[i]!)), 0);
      expect(error).toBeGreaterThan(0);
      expect(error).toBeLessThan(step * 0.501);
    }
  });

  it.each([
    ['no model', Uint8Array.of(255, 255, 255), 'the bytes are no ONNX model'],
    ['nothing', new Uint8Array(0), 'the bytes are no ONNX model'],
  ])('of %s are an error', (_, bytes, message) => {
    expect(() => onnx.readWeights([{ name: 'x.onnx', bytes }])).toThrow(message);
  });
});

it.each([
  ['Elu', [op('odd', 'Elu', ['images'])], 'node odd (Elu) has an operation that this runtime does not know'],
  ['no image', [floats('odd', [1], [1])], 'computed from placeholders none'],
])('refuses %s in one line', (_, nodes, message) => {
  const graph = graphDef([image(-1, 2, 2, 1), ...nodes]);
  expect(() => encode(graph, 'dense', ['odd'])).toThrow(message);
  expect(() => encode(graph, 'dense', ['odd'])).toThrow(/^[^\n]*$/);
});
