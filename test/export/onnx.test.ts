import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { onnx } from '../../src/export/onnx/index.ts';
import { weightConstants } from '../../src/export/weights/index.ts';
import { constant, graphDef, intListAttr } from '../../src/graph/index.ts';
import { type GraphDef, onnx as messages } from '../../src/wire/protos.ts';
import { floats, image, op, sliding } from '../runtime/graphs.ts';
import { branchingGraph, cifar10Graph, everyOperation, LOGITS, smallClassifier } from './graphs.ts';

const encode = (graph: GraphDef, weightFormat = onnx.weightFormats[0]!, outputs?: string[]) =>
  onnx.encode(graph, { filename: 'a/frozen.v1.pb', weightFormat, outputs });
const parsed = (graph: GraphDef, outputs?: string[]) =>
  fromBinary(messages.ModelProtoSchema, encode(graph, 'dense', outputs)[0]!.bytes).graph!;
const named = (graph: messages.GraphProto, name: string) => graph.node.find((node) => node.name === name)!;
const ints = (graph: messages.GraphProto, name: string, key: string) =>
  named(graph, name)
    .attribute.find((attribute) => attribute.name === key)!
    .ints.map(Number);

/** What the attributes of a node hold, by their names. */
const attributesOf = ({ attribute }: messages.NodeProto) =>
  Object.fromEntries(
    attribute.map(({ name, type, i, f, ints }) => {
      const values = { INT: Number(i), FLOAT: f, INTS: ints.map(Number) };
      return [name, values[messages.AttributeProto_AttributeType[type] as keyof typeof values]];
    }),
  );
const describedValue = ({ name, type }: messages.ValueInfoProto) => {
  const { elemType, shape } = type!.value.value!;
  return [name, messages.TensorProto_DataType[elemType], shape!.dim.map(({ value }) => value.value)];
};
const describedTensor = ({ name, dataType, dims }: messages.TensorProto) => [
  name,
  messages.TensorProto_DataType[dataType],
  dims.map(Number),
];
const floatsOf = ({ rawData }: messages.TensorProto) => [...new Float32Array(new Uint8Array(rawData).buffer)];

it('has an operation of ONNX for each of TensorFlow, in the layout that it takes', () => {
  const files = encode(everyOperation(), 'dense');
  const { graph, irVersion, opsetImport } = fromBinary(messages.ModelProtoSchema, files[0]!.bytes);
  expect([irVersion, opsetImport.map(({ domain, version }) => [domain, version])]).toEqual([7n, [['', 13n]]]);
  const { name, input, output, node, initializer } = graph!;
  expect([name, ...[...input, ...output].map(describedValue)]).toEqual([
    'frozen',
    ['images', 'FLOAT', ['batch', 11n, 9n, 3n]],
    ['probabilities', 'FLOAT', ['batch', 7n]],
  ]);
  const window = (kernel: number[], strides: number[], pads: number[]) => ({
    kernel_shape: kernel,
    strides,
    pads,
  });
  expect(node.map((each) => [each.opType, each.input, ...each.output, attributesOf(each)])).toEqual([
    ['Transpose', ['images'], 'images/NCHW', { perm: [0, 3, 1, 2] }],
    [
      'Conv',
      ['images/NCHW', 'w1', 'b1'],
      'sum1',
      { ...window([3, 2], [1, 2], [1, 0, 1, 1]), dilations: [1, 1] },
    ],
    ['Relu', ['sum1'], 'relu1', {}],
    ['MaxPool', ['relu1'], 'pool1', window([2, 3], [2, 2], [0, 1, 1, 1])],
    // Of 5 channels on either side; TensorFlow's default alpha of 1, times the size.
    ['LRN', ['pool1'], 'norm1', { size: 11, bias: 1, alpha: 11, beta: 0.5 }],
    ['Conv', ['norm1', 'w2'], 'conv2', { ...window([2, 2], [1, 1], [0, 0, 0, 0]), dilations: [2, 1] }],
    ['Mul', ['conv2', 'scale'], 'scaled', {}],
    ['Add', ['shift', 'scaled'], 'shifted', {}],
    ['Add', ['shifted', 'conv2'], 'twice', {}],
    ['Softmax', ['twice'], 'shares', { axis: 1 }],
    ['MaxPool', ['shares'], 'pool2', window([2, 2], [1, 1], [0, 0, 0, 0])],
    ['Transpose', ['pool2'], 'pool2/plain', { perm: [0, 2, 3, 1] }],
    ['Reshape', ['pool2/plain', 'flat/shape'], 'flat', {}],
    ['Gemm', ['flat', 'w3', 'b3'], 'sum3', { transA: 0, transB: 1 }],
    ['Softmax', ['sum3'], 'probabilities', { axis: -1 }],
  ]);
  expect(initializer.map(describedTensor)).toEqual([
    ['w1', 'FLOAT', [6, 3, 3, 2]],
    ['b1', 'FLOAT', [6]],
    ['w2', 'FLOAT', [4, 6, 2, 2]],
    ['scale', 'FLOAT', [1, 4, 1, 2]],
    ['shift', 'FLOAT', [1, 4, 1, 1]],
    ['flat/shape', 'INT64', [2]],
    ['w3', 'FLOAT', [7, 12]],
    ['b3', 'FLOAT', [7]],
  ]);
});

it('adds and joins images as convolutions give them', () => {
  const { node } = parsed(branchingGraph(0.5));
  expect(node.map((each) => [each.opType, each.input, ...each.output])).toEqual([
    ['Transpose', ['images'], 'images/NCHW'],
    ['Conv', ['images/NCHW', 'stem/weights/masked_weight', 'stem/biases'], 'stem/BiasAdd'],
    ['Relu', ['stem/BiasAdd'], 'stem/stem_2'],
    ['Conv', ['stem/stem_2', 'inner/weights/masked_weight', 'inner/biases'], 'inner/inner_2'],
    ['Add', ['stem/stem_2', 'inner/inner_2'], 'sum/add'],
    ['Relu', ['sum/add'], 'sum'],
    ['Conv', ['images/NCHW', 'beside/weights/masked_weight', 'beside/biases'], 'beside/BiasAdd'],
    ['Relu', ['beside/BiasAdd'], 'beside/beside_2'],
    ['Concat', ['sum', 'beside/beside_2'], 'joined'],
    ['MaxPool', ['joined'], 'pool'],
    ['Conv', ['pool', 'last/weights/masked_weight', 'last/biases'], 'last/last_2'],
    ['Transpose', ['last/last_2'], 'last/last_2/plain'],
    ['Reshape', ['last/last_2/plain', 'last/Reshape/shape'], 'last/Reshape'],
  ]);
  expect(attributesOf(node.find(({ name }) => name === 'joined')!)).toEqual({ axis: 1 });
});

it('joins what is not images, or not of rank 4, along the axis that TensorFlow names', () => {
  const axis = constant('axis', { dtype: 'int32', shape: [], data: Int32Array.of(-1) });
  const graph = graphDef([image(-1, 2, 3), axis, op('out', 'ConcatV2', ['images', 'images', 'axis'])]);
  const { node } = parsed(graph);
  expect(node.map((each) => [each.opType, each.input, attributesOf(each)])).toEqual([
    ['Concat', ['images', 'images'], { axis: 2 }],
  ]);
});

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
    expect(given).toEqual(expect.arrayContaining(['images/NCHW_1', 'images/NCHW/NCHW']));
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
    expect(operations(both, ['both', 'conv'])).toContain('Add');
  });

  it.each([
    ['a factor', 'Mul', [2], ['out/conv', 'other']],
    ['one for all channels', 'Add', [1], ['out/conv', 'other']],
    ['one for each column', 'Add', [2, 2], ['out/conv', 'other']],
    ['of more axes than images', 'Add', [1, 1, 1, 1, 2], ['out/conv/plain', 'other']],
  ])('takes no constant for biases that is none: %s', (_, kind, shape, inputs) => {
    const graph = graphDef([
      image(1, 2, 2, 1),
      floats('filter', [1, 1, 1, 2], [1, 2]),
      op('out/conv', 'Conv2D', ['images', 'filter'], sliding('SAME', 1)),
      floats(
        'other',
        shape,
        [3, 4, 5, 6].slice(
          0,
          shape.reduce((product, extent) => product * extent),
        ),
      ),
      op('out', kind, ['out/conv', 'other']),
    ]);
    const { node } = parsed(graph);
    const { opType, input } = node.find(({ opType }) => opType === kind)!;
    expect([opType, input]).toEqual([kind, inputs]);
  });

  it('turns a constant as it turns the images that it is combined with', () => {
    const layer = (...rest: ReturnType<typeof op>[]) =>
      graphDef([
        image(-1, 1, 2, 2),
        floats('columns', [2, 2], [1, 2, 3, 4]),
        floats('filter', [1, 1, 2, 2], [1, 2, 3, 4]),
        op('conv', 'Conv2D', ['images', 'filter'], sliding('SAME', 1)),
        ...rest,
      ]);
    // Of column and channel.
    const { initializer } = parsed(layer(op('out', 'Mul', ['conv', 'columns'])));
    expect(initializer.map((each) => [...describedTensor(each), floatsOf(each)])).toEqual([
      ['filter', 'FLOAT', [2, 2, 1, 1], [1, 3, 2, 4]],
      ['columns', 'FLOAT', [1, 2, 1, 2], [1, 3, 2, 4]],
    ]);
    // As they are: images that nothing has turned, and what is computed and of fewer axes.
    const plain = parsed(layer(op('out', 'Mul', ['images', 'columns'])), ['out']);
    expect([plain.node.map(({ opType }) => opType), floatsOf(plain.initializer[0]!)]).toEqual([
      ['Mul'],
      [1, 2, 3, 4],
    ]);
    const computed = parsed(layer(op('relu', 'Relu', ['columns']), op('out', 'Add', ['conv', 'relu'])));
    expect(named(computed, 'out').input).toEqual(['conv/plain', 'relu']);
  });

  it('gives an output its name though another node computes it, and never one name twice', () => {
    const graph = graphDef([
      image(-1, 2, 2, 1),
      op('activation', 'Relu', ['images']),
      op('copy', 'Identity', ['activation']),
    ]);
    const { node, output } = parsed(graph);
    expect(node.map(({ opType, input, output }) => [opType, ...input, ...output])).toEqual([
      ['Relu', 'images', 'activation'],
      ['Identity', 'activation', 'copy'],
    ]);
    expect(output.map(({ name }) => name)).toEqual(['copy']);
    const outputs = ['probabilities', 'features', 'scores'];
    const { node: nodes } = parsed(smallClassifier(), outputs);
    expect(new Set(nodes.flatMap(({ output }) => output)).size).toBe(nodes.length);
    expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
  });
});

describe('weights', () => {
  it.each([cifar10Graph(0.9), everyOperation(), smallClassifier(), branchingGraph(0.5)])(
    'are read back as they were',
    (graph) => {
      const expected = weightConstants(graph);
      for (const format of ['dense', 'sparse'] as const) {
        const found = onnx.readWeights(encode(graph, format));
        expect([...found.keys()].sort()).toEqual(expected.map(({ name }) => name).sort());
        for (const { name, value } of expected) {
          expect(found.get(name)!.value.shape).toEqual(value.shape);
          expect(found.get(name)!.value.data.every((weight, i) => weight === value.data[i])).toBe(true);
        }
      }
    },
  );

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

  const product = (...weights: number[]) =>
    graphDef([
      image(-1, 2),
      floats('w', [2, weights.length / 2], weights),
      op('out', 'MatMul', ['images', 'w']),
    ]);
  const parts = (graph: GraphDef, weightFormat: (typeof onnx.weightFormats)[number]) =>
    fromBinary(messages.ModelProtoSchema, encode(graph, weightFormat)[0]!.bytes).graph!;
  const weightsOf = (graph: GraphDef, weightFormat: (typeof onnx.weightFormats)[number]) => [
    ...onnx.readWeights(encode(graph, weightFormat)).get('w')!.value.data,
  ];

  it('are the nearest multiples of a scale for each output of a layer, in int8', () => {
    const graph = product(127, -254, 0.5, 3);
    const { initializer, node } = parts(graph, 'int8');
    expect(initializer.map(describedTensor)).toEqual([
      ['w/int8', 'INT8', [2, 2]],
      ['w/scale', 'FLOAT', [2]],
    ]);
    expect([...new Int8Array(new Uint8Array(initializer[0]!.rawData).buffer)]).toEqual([127, -127, 0, 2]);
    expect(floatsOf(initializer[1]!)).toEqual([1, 2]);
    expect(node.map((each) => [each.opType, each.input, each.output, attributesOf(each)])).toEqual([
      ['DequantizeLinear', ['w/int8', 'w/scale'], ['w'], { axis: 1 }],
      ['Gemm', ['images', 'w'], ['out'], { transA: 0, transB: 0 }],
    ]);
    expect(weightsOf(graph, 'int8')).toEqual([127, -254, 0, 4]);
  });

  it('are scaled along the outputs of filter and matrix, wherever these lie', () => {
    const { node, initializer } = parts(everyOperation(), 'int8');
    const scales = node
      .filter(({ opType }) => opType === 'DequantizeLinear')
      .map((each) => {
        const scale = initializer.find(({ name }) => name === each.input[1])!;
        return [...each.output, attributesOf(each).axis, scale.dims.map(Number)];
      });
    expect(scales).toEqual([
      ['w1', 0, [6]],
      ['w2', 0, [4]],
      ['w3', 0, [7]],
    ]);
  });

  it('of float16 are cast to float32', () => {
    const { initializer, node } = parts(product(1, 0.1, -2, 0), 'float16');
    expect(initializer.map(describedTensor)).toEqual([['w/float16', 'FLOAT16', [2, 2]]]);
    expect([node[0]!.opType, node[0]!.input, node[0]!.output, attributesOf(node[0]!)]).toEqual([
      'Cast',
      ['w/float16'],
      ['w'],
      { to: messages.TensorProto_DataType.FLOAT },
    ]);
    expect(weightsOf(product(1, 0.1, -2, 0), 'float16')).toEqual([1, 0.0999755859375, -2, 0]);
  });

  it('that are not zero have a place each, unless that takes as much as the zeros do', () => {
    // One of 8 values takes 12 bytes and not 32; two of 6 take as much as all.
    const [sparse, ...others] = parts(product(0, 0, 0, 0, 0, 7, 0, 0), 'sparse').sparseInitializer;
    expect(others).toEqual([]);
    expect([sparse!.dims, describedTensor(sparse!.values!), floatsOf(sparse!.values!)]).toEqual([
      [2n, 4n],
      ['w', 'FLOAT', [1]],
      [7],
    ]);
    expect([describedTensor(sparse!.indices!), ...sparse!.indices!.rawData]).toEqual([
      ['', 'INT64', [1]],
      ...[5, 0, 0, 0, 0, 0, 0, 0],
    ]);
    expect(weightsOf(product(0, 0, 0, 0, 0, 7, 0, 0), 'sparse')).toEqual([0, 0, 0, 0, 0, 7, 0, 0]);
    const { initializer, sparseInitializer } = parts(product(0, 0, 1, 0, 0, 7), 'sparse');
    expect([initializer.map(describedTensor), sparseInitializer]).toEqual([[['w', 'FLOAT', [2, 3]]], []]);
  });

  const { INT8, INT64, DOUBLE } = messages.TensorProto_DataType;
  const places = (...given: bigint[]) => ({
    dims: [BigInt(given.length)],
    rawData: new Uint8Array(BigInt64Array.from(given).buffer),
  });
  it.each<[string, GraphDef, (graph: messages.GraphProto) => void, string]>([
    [
      'an element type of others',
      product(1, 2),
      ({ initializer: [w] }) => Object.assign(w!, { dataType: DOUBLE }),
      'tensor w has element type 11',
    ],
    [
      'a negative extent',
      product(1, 2),
      ({ initializer: [w] }) => Object.assign(w!, { dims: [2n, -1n] }),
      'tensor w has shape [2,-1], expected at most 134217728 elements',
    ],
    [
      'absurd extents',
      product(1, 2),
      ({ initializer: [w] }) => Object.assign(w!, { dims: [2n ** 20n, 2n ** 20n] }),
      'tensor w has shape [1048576,1048576], expected at most',
    ],
    [
      'too few bytes',
      product(1, 2),
      ({ initializer: [w] }) => Object.assign(w!, { rawData: new Uint8Array(4) }),
      'holds 4 bytes, expected 8',
    ],
    [
      'a filter of one axis',
      smallClassifier(),
      ({ initializer }) => Object.assign(initializer.find(({ name }) => name === 'filter')!, { dims: [72n] }),
      'filter filter has shape [72], expected 4 axes',
    ],
    ...(
      [
        ['a place beyond the end', ({ indices }) => Object.assign(indices!, places(8n))],
        ['a place before the start', ({ indices }) => Object.assign(indices!, places(-1n))],
        [
          'a second place beyond the end',
          (sparse) => {
            Object.assign(sparse.indices!, places(0n, 8n));
            Object.assign(sparse.values!, { dims: [2n], rawData: new Uint8Array(8) });
          },
        ],
        ['more places than values', ({ indices }) => Object.assign(indices!, places(1n, 2n))],
        [
          'places of another type',
          ({ indices }) => Object.assign(indices!, { dataType: INT8, rawData: Uint8Array.of(1) }),
        ],
        [
          'values of another type',
          ({ values }) => Object.assign(values!, { dataType: INT64, rawData: new Uint8Array(8) }),
        ],
        [
          'no places',
          (sparse) => {
            delete sparse.indices;
          },
        ],
      ] as [string, (sparse: messages.SparseTensorProto) => void][]
    ).map(([what, change]): [string, GraphDef, (graph: messages.GraphProto) => void, string] => [
      what,
      product(0, 0, 0, 0, 0, 7, 0, 0),
      ({ sparseInitializer: [sparse] }) => change(sparse!),
      'sparse tensor w has values and indices that do not match shape [2,4]',
    ]),
  ])('with %s are an error', (_, graph, change, message) => {
    const model = fromBinary(messages.ModelProtoSchema, encode(graph, 'sparse')[0]!.bytes);
    change(model.graph!);
    const bytes = toBinary(messages.ModelProtoSchema, model);
    expect(() => onnx.readWeights([{ name: 'x.onnx', bytes }])).toThrow(
      expect.objectContaining({ code: 'graph', message: expect.stringContaining(message) }),
    );
  });

  it.each([
    ['no model', Uint8Array.of(255, 255, 255), 'the file is not an ONNX model'],
    ['nothing', new Uint8Array(0), 'the file is not an ONNX model'],
  ])('of %s are an error', (_, bytes, message) => {
    expect(() => onnx.readWeights([{ name: 'x.onnx', bytes }])).toThrow(message);
  });
});

it.each([
  ['Elu', [op('odd', 'Elu', ['images'])], 'node odd (Elu) has an operation that this runtime does not know'],
  ['no image', [floats('odd', [1], [1])], 'odd depends on no placeholder'],
])('refuses %s in one line', (_, nodes, message) => {
  const graph = graphDef([image(-1, 2, 2, 1), ...nodes]);
  expect(() => encode(graph, 'dense', ['odd'])).toThrow(message);
  expect(() => encode(graph, 'dense', ['odd'])).toThrow(/^[^\n]*$/);
});
