import { equals, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import {
  constant,
  metaGraph,
  node,
  shapeAttr,
  shapeListAttr,
  typeAttr,
  typeListAttr,
} from '../../src/graph/index.ts';
import { maskedWeightName, maskName } from '../../src/model/names.ts';
import { weightedLayers, weightShape } from '../../src/model/network.ts';
import { initialValues } from '../../src/model/variables.ts';
import { strippedGraph } from '../../src/strip/index.ts';
import { CIFAR10, CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import { DataType, GraphDefSchema, type MetaGraphDef } from '../../src/wire/protos.ts';
import { elementCount, float32Tensor, type Tensor } from '../../src/wire/tensor.ts';
import {
  biases,
  constantValue,
  FLOAT,
  find,
  mask,
  metaGraphOf,
  names,
  queueMetaGraph,
  refMetaGraph,
  refVariable,
  resourceMetaGraph,
  values,
  weights,
} from './graphs.ts';

const outputNodeNames = ['fc/fc_2'];
const MASKED = [1, 0, 0, 0, 5, -6];

function errorOf(run: () => unknown): UserError {
  try {
    run();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}

describe('a graph with variables held by reference', () => {
  const { graph, report } = strippedGraph(refMetaGraph(), values, { outputNodeNames });

  it('keeps the input, the folded weights, the biases and the operations, in the order they had', () => {
    expect(graph.node.map(({ name, op, input }) => [name, op, ...input])).toEqual([
      ['images', 'Placeholder'],
      ['fc/biases', 'Const'],
      ['fc/biases/read', 'Identity', 'fc/biases'],
      ['fc/weights/masked_weight', 'Const'],
      ['fc/MatMul', 'MatMul', 'images', 'fc/weights/masked_weight'],
      ['fc/fc_2', 'Add', 'fc/MatMul', 'fc/biases/read'],
    ]);
  });

  it('holds mask * weights, with every zero positive', () => {
    const folded = constantValue(graph, 'fc/weights/masked_weight');
    expect(folded).toEqual(float32Tensor([3, 2], Float32Array.from(MASKED)));
    expect([...folded.data].some((value) => Object.is(value, -0))).toBe(false);
    expect(constantValue(graph, 'fc/biases')).toEqual(biases);
  });

  it('reports the size and the zeros of each masked weight, inputs and outputs', () => {
    expect(report).toEqual({
      inputs: [{ name: 'images', shape: [-1, 3] }],
      outputs: ['fc/fc_2'],
      initializers: [],
      tensors: [{ name: 'fc/weights/masked_weight', dtype: 'float32', shape: [3, 2], values: 6, zeros: 3 }],
      warnings: [],
    });
  });

  it('is tied to no device and to no other node, and says what wrote it', () => {
    expect(graph.node.map(({ device }) => device).filter(Boolean)).toEqual([]);
    expect(graph.node.flatMap(({ attr }) => Object.keys(attr)).filter((key) => key.startsWith('_'))).toEqual(
      [],
    );
    expect(graph.versions).toEqual(refMetaGraph().graphDef!.versions);
  });

  it('has the same bytes every time, whatever the order of attributes', () => {
    const again = strippedGraph(refMetaGraph(), values, { outputNodeNames }).graph;
    const bytes = toBinary(GraphDefSchema, graph);
    expect(toBinary(GraphDefSchema, again)).toEqual(bytes);
    expect(equals(GraphDefSchema, fromBinary(GraphDefSchema, bytes), graph)).toBe(true);
    expect(Object.keys(find(graph, 'fc/MatMul').attr)).toEqual(['T', 'transpose_a', 'transpose_b']);
  });

  it('keeps what any output asks for, given as node or as tensor', () => {
    const two = strippedGraph(refMetaGraph(), values, {
      outputNodeNames: ['fc/weights/masked_weight', 'fc/MatMul:0'],
    });
    expect(names(two.graph)).toEqual(['images', 'fc/weights/masked_weight', 'fc/MatMul']);
    expect(two.report.outputs).toEqual(['fc/weights/masked_weight', 'fc/MatMul']);
  });
});

it('folds masks of integers, and weights that are arranged anew under them', () => {
  const layer = metaGraphOf(
    [
      ...refVariable('fc/weights', [6]),
      node('fc/mask', 'VariableV2', [], { dtype: typeAttr(DataType.DT_INT32), shape: shapeAttr([3, 2]) }),
      node('fc/mask/cast', 'Cast', ['fc/mask'], { SrcT: typeAttr(DataType.DT_INT32), DstT: FLOAT }),
      constant('fc/shape', { dtype: 'int32', shape: [2], data: Int32Array.of(3, 2) }),
      node('fc/arranged', 'Reshape', ['fc/weights/read', 'fc/shape'], { T: FLOAT }),
      node('fc/weights/masked_weight', 'Mul', ['fc/mask/cast', 'fc/arranged'], { T: FLOAT }),
    ],
    ['fc/weights/masked_weight:0'],
  );
  const saved = new Map<string, Tensor>([
    ['fc/weights', float32Tensor([6], Float32Array.from(weights.data))],
    ['fc/mask', { dtype: 'int32', shape: [3, 2], data: Int32Array.from(mask.data) }],
  ]);
  const { graph } = strippedGraph(layer, saved, { outputNodeNames: ['fc/weights/masked_weight'] });
  expect([...constantValue(graph, 'fc/weights/masked_weight').data]).toEqual(MASKED);
});

it('freezes resource variables, of which each read becomes an Identity', () => {
  const { graph, report } = strippedGraph(resourceMetaGraph(), values, { outputNodeNames });
  expect(graph.node.map(({ name, op, input }) => [name, op, ...input])).toEqual([
    ['images', 'Placeholder'],
    ['fc/biases', 'Const'],
    ['fc/fc_2/ReadVariableOp', 'Identity', 'fc/biases'],
    ['fc/weights/masked_weight', 'Const'],
    ['fc/MatMul', 'MatMul', 'images', 'fc/weights/masked_weight'],
    ['fc/fc_2', 'Add', 'fc/MatMul', 'fc/fc_2/ReadVariableOp'],
  ]);
  expect([...constantValue(graph, 'fc/weights/masked_weight').data]).toEqual(MASKED);
  expect(report.tensors.map(({ name }) => name)).toEqual(['fc/weights/masked_weight']);
});

describe('moving averages', () => {
  const average = float32Tensor([3, 2], Float32Array.of(10, 20, 30, 40, 50, 60));
  const averageOfBiases = float32Tensor([2], Float32Array.of(7, 8));
  const averaged = new Map<string, Tensor>([
    ...values,
    ['fc/weights/ExponentialMovingAverage', average],
    ['fc/biases/ExponentialMovingAverage', averageOfBiases],
  ]);

  it('take the place of weights and biases, under the masks', () => {
    const { graph } = strippedGraph(refMetaGraph(), averaged, { outputNodeNames, movingAverage: true });
    expect([...constantValue(graph, 'fc/weights/masked_weight').data]).toEqual([10, 0, 0, 0, 50, 60]);
    expect(constantValue(graph, 'fc/biases')).toEqual(averageOfBiases);
  });

  it('are left alone unless asked for', () => {
    const { graph } = strippedGraph(refMetaGraph(), averaged, { outputNodeNames });
    expect([...constantValue(graph, 'fc/weights/masked_weight').data]).toEqual(MASKED);
  });

  it('are an error where the checkpoint has none', () => {
    const options = { outputNodeNames, movingAverage: true };
    expect(errorOf(() => strippedGraph(refMetaGraph(), values, options))).toMatchObject({
      code: 'checkpoint',
      message: 'the checkpoint holds no moving averages',
    });
  });
});

describe('the input', () => {
  it.each([
    { dequeue: 'shuffle_batch', op: 'QueueDequeueManyV2', types: 'component_types' },
    { dequeue: 'IteratorGetNext', op: 'IteratorGetNext', types: 'output_types' },
  ])('is cut at $op, and the pipeline goes', ({ dequeue, op, types }) => {
    const { graph, report } = strippedGraph(queueMetaGraph({ dequeue, op, types }), values, {
      outputNodeNames,
    });
    expect(names(graph).filter((name) => !name.startsWith('fc/'))).toEqual([dequeue]);
    expect(find(graph, 'fc/MatMul').input[0]).toBe(dequeue);
    expect(report.inputs).toEqual([{ name: dequeue, shape: undefined }]);
  });

  it('is a placeholder for each output that is needed', () => {
    const source = { dequeue: 'batch', op: 'QueueDequeueManyV2', types: 'component_types' };
    const { graph } = strippedGraph(queueMetaGraph(source), values, { outputNodeNames: ['labels'] });
    expect(graph.node.map(({ name, op, input }) => [name, op, ...input])).toEqual([
      ['batch_1', 'Placeholder'],
      ['labels', 'Identity', 'batch_1'],
    ]);
  });

  it('may be named where only a further output of it is needed', () => {
    const source = { dequeue: 'batch', op: 'QueueDequeueManyV2', types: 'component_types' };
    const { report } = strippedGraph(queueMetaGraph(source), values, {
      outputNodeNames: ['labels'],
      inputNodeNames: ['batch'],
    });
    expect(report.inputs).toEqual([{ name: 'batch_1', shape: undefined }]);
  });

  it('is cut where the user says', () => {
    const { graph, report } = strippedGraph(refMetaGraph(), values, {
      outputNodeNames,
      inputNodeNames: ['fc/MatMul'],
    });
    expect(names(graph)).toEqual(['fc/biases', 'fc/biases/read', 'fc/MatMul', 'fc/fc_2']);
    expect(find(graph, 'fc/MatMul')).toMatchObject({ op: 'Placeholder', input: [] });
    expect(report).toMatchObject({ inputs: [{ name: 'fc/MatMul' }], tensors: [] });
  });
});

it('strips the CIFAR-10 network down to what classifies', () => {
  const layers = weightedLayers(CIFAR10_NETWORK);
  const trainable = metaGraph(CIFAR10_NETWORK, { pruningName: 'cifar10_pruning', keep: 5 });
  const raw = initialValues(CIFAR10_NETWORK, 1);
  const declared = new Map<string, readonly number[]>();
  for (const { name, attr } of trainable.graphDef!.node)
    if (attr.shape?.value.case === 'shape')
      declared.set(
        name,
        attr.shape.value.value.dim.map(({ size }) => Number(size)),
      );
  const variables = new Map<string, Tensor>([
    ...[...raw].map(([name, data]) => [name, float32Tensor(declared.get(name)!, data)] as const),
    ...layers.map((layer) => {
      const shape = weightShape(layer);
      const everyTenth = Float32Array.from({ length: elementCount(shape) }, (_, i) => (i % 10 === 0 ? 1 : 0));
      return [maskName(layer.name), float32Tensor(shape, everyTenth)] as const;
    }),
  ]);
  const { graph, report } = strippedGraph(trainable, variables, {
    outputNodeNames: ['softmax_linear/softmax_linear_2'],
  });
  expect(
    names(graph).filter((name) => /mask(?!ed_weight)|threshold|weights$|save|Assign/.test(name)),
  ).toEqual([]);
  expect(report.inputs).toEqual([{ name: 'images', shape: [-1, 24, 24, 3] }]);
  expect(report.tensors.map(({ name }) => name)).toEqual(layers.map(({ name }) => maskedWeightName(name)));
  for (const { values, zeros } of report.tensors) expect(zeros).toBe(values - Math.ceil(values / 10));
});

describe('errors', () => {
  const strip = (meta: MetaGraphDef, outputs = outputNodeNames, saved: Map<string, Tensor> = values) =>
    errorOf(() => strippedGraph(meta, saved, { outputNodeNames: outputs }));

  it('name the nearest nodes for an unknown output', () => {
    expect(strip(refMetaGraph(), ['fc/fc'])).toMatchObject({
      code: 'argument',
      message: '--output_node_names: the graph has no node fc/fc',
      hint: expect.stringMatching(/^Name one of its \d+ nodes; the nearest are fc\/fc_2, fc\/mask, /),
    });
  });

  it('ask for an output where the graph has not that of the CIFAR-10 network', () => {
    const none = { outputNodeNames: [], defaultOutputNames: [CIFAR10.outputName] };
    expect(errorOf(() => strippedGraph(refMetaGraph(), values, none))).toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/^strip needs --output_node_names=NAMES .* no node softmax_linear\//),
    });
  });

  it('name an unknown input', () => {
    const options = { outputNodeNames, inputNodeNames: ['image'] };
    expect(errorOf(() => strippedGraph(refMetaGraph(), values, options))).toMatchObject({
      message: '--input_node_names: the graph has no node image',
      hint: expect.stringContaining('images'),
    });
  });

  it('name a variable without a value', () => {
    const saved = new Map([...values].filter(([name]) => name !== 'fc/biases'));
    expect(strip(refMetaGraph(), outputNodeNames, saved)).toMatchObject({
      code: 'checkpoint',
      message: 'the checkpoint has no value for variable fc/biases, which the outputs need',
    });
  });

  it('name a variable of another shape', () => {
    const saved = new Map<string, Tensor>([...values, ['fc/mask', float32Tensor([2, 3], mask.data)]]);
    expect(strip(refMetaGraph(), outputNodeNames, saved).message).toBe(
      'variable fc/mask has shape [2,3] in the checkpoint, expected [3,2]',
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('name a variable that holds %s', (odd) => {
    const saved = new Map([...values, ['fc/biases', float32Tensor([2], Float32Array.of(0, odd))] as const]);
    expect(strip(refMetaGraph(), outputNodeNames, saved)).toMatchObject({
      code: 'checkpoint',
      message: expect.stringMatching(/^the value of variable fc\/biases in the checkpoint /),
    });
  });

  it.each([
    ['fc/fc_2', 'they are computed from given, images'],
    ['fc/weights/masked_weight', 'they are computed from constants alone'],
  ])('tell of an input that %s does not need what it does', (output, hint) => {
    const given = node('given', 'PlaceholderWithDefault', ['fc/biases/read'], { dtype: FLOAT });
    const nodes = refMetaGraph().graphDef!.node.filter(({ name }) => name !== 'fc/fc_2');
    const meta = metaGraphOf([
      given,
      ...nodes,
      node('fc/fc_2', 'Add', ['fc/MatMul', 'given'], { T: FLOAT }),
      node('loss', 'Tanh', ['fc/fc_2'], { T: FLOAT }),
    ]);
    const options = { outputNodeNames: [output], inputNodeNames: ['loss'] };
    expect(errorOf(() => strippedGraph(meta, values, options))).toMatchObject({
      code: 'argument',
      message: '--input_node_names: the outputs do not need node loss',
      hint: expect.stringMatching(new RegExp(`^Name a node before the outputs \\(${hint}\\), or `)),
    });
  });

  it('name a second source of batches beside an input', () => {
    const source = { dequeue: 'batch', op: 'QueueDequeueManyV2', types: 'component_types' };
    const meta = queueMetaGraph(source);
    meta.graphDef!.node.push(node('sum', 'Add', ['fc/fc_2', 'labels'], { T: FLOAT }));
    const options = { outputNodeNames: ['sum'], inputNodeNames: ['fc/MatMul'] };
    expect(errorOf(() => strippedGraph(meta, values, options))).toMatchObject({
      code: 'argument',
      message: expect.stringContaining('the outputs also need node batch (QueueDequeueManyV2)'),
    });
  });

  it('refuse an output that changes a variable', () => {
    expect(strip(refMetaGraph(), ['fc/weights/Assign'])).toMatchObject({
      code: 'graph',
      message: expect.stringContaining('fc/weights/Assign (Assign)'),
    });
  });

  it('refuse a resource variable that is used, not read', () => {
    const gather = node('rows', 'ResourceGather', ['fc/weights', 'images']);
    const meta = metaGraphOf([...resourceMetaGraph().graphDef!.node, gather]);
    expect(strip(meta, ['rows']).message).toContain('rows (ResourceGather)');
  });

  it('refuse a masked weight that is computed in an unknown way', () => {
    const meta = metaGraphOf([
      ...refVariable('fc/weights', [3, 2]),
      node('fc/weights/masked_weight', 'Softmax', ['fc/weights/read']),
    ]);
    expect(strip(meta, ['fc/weights/masked_weight'], new Map([['fc/weights', weights]])).message).toBe(
      'node fc/weights/masked_weight (Softmax) is part of a masked weight and cannot be folded: unsupported operation',
    );
  });

  it('name a node that reads what is not there', () => {
    expect(strip(metaGraphOf([node('y', 'Identity', ['x'])]), ['y']).message).toContain('reads x');
  });
});

it('opens the batch where the cut input is flattened', () => {
  const types = typeListAttr([DataType.DT_FLOAT]);
  const noted = (...shapes: number[][]) => shapeListAttr(shapes);
  const meta = metaGraphOf([
    node('batch', 'QueueDequeueManyV2', [], { component_types: types, _output_shapes: noted([6, 2, 2]) }),
    constant('flat/shape', { dtype: 'int32', shape: [2], data: Int32Array.of(6, 4) }),
    node('flat', 'Reshape', ['batch', 'flat/shape'], { T: FLOAT, _output_shapes: noted([6, 4]) }),
  ]);
  const { graph } = strippedGraph(meta, new Map(), { outputNodeNames: ['flat'] });
  expect([...constantValue(graph, 'flat/open_shape').data]).toEqual([-1, 4]);
});
