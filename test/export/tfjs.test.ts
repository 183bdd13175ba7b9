import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExportedFile } from '../../src/export/format.ts';
import { affineUint8, uint8Scale } from '../../src/export/tfjs/affine-uint8.ts';
import { tfjs } from '../../src/export/tfjs/index.ts';
import { OPERATIONS } from '../../src/export/tfjs/operations.ts';
import { weightConstants } from '../../src/export/weights/index.ts';
import { constant, graphDef, intListAttr, node, typeAttr } from '../../src/graph/index.ts';
import {
  AttrValueSchema,
  DataType,
  type FunctionDef,
  type GraphDef,
  type NodeDef,
  type TensorProto,
  TensorProtoSchema,
} from '../../src/wire/protos.ts';
import { float32Scalar, float32Tensor, type Tensor } from '../../src/wire/tensor.ts';
import { floats, image, op, sliding } from '../runtime/graphs.ts';
import { functionDef, metaGraphWith, T, whileNode } from '../strip/function-graphs.ts';
import {
  BRANCHING_LOGITS,
  branchingGraph,
  cifar10Graph,
  everyOperation,
  LOGITS,
  noise,
  smallClassifier,
} from './graphs.ts';
import { distance, ourOutput } from './our-output.ts';

beforeAll(() => tf.setBackend('cpu'));

const encode = (graph: GraphDef, weightFormat = tfjs.weightFormats[0]!, outputs?: string[]) =>
  tfjs.encode(graph, { filename: 'a/frozen.v1.pb', weightFormat, outputs });

/** As a page loads them, by TensorFlow.js' own loader. */
async function theirOutput(
  files: readonly ExportedFile[],
  output: string,
  images: Float32Array,
  shape: number[],
  { loops = false } = {},
) {
  const model = await tf.loadGraphModel('http://models/a/frozen.v1_tfjs/model.json', {
    fetchFunc: async (url: unknown) => {
      const file = files.find(({ name }) => url === `http://models/${name}`);
      const type = file?.name.endsWith('.json') ? 'application/json' : 'application/octet-stream';
      return new Response(file && new Uint8Array(file.bytes), {
        status: file ? 200 : 404,
        headers: { 'Content-Type': type },
      });
    },
  });
  const given = { [model.inputNodes[0]!]: tf.tensor(images, shape) };
  const result = await (loops ? model.executeAsync(given, output) : model.execute(given, output));
  const values = await (result as tf.Tensor).data();
  model.dispose();
  return values as Float32Array;
}

describe('TensorFlow.js loads the folder and computes what our runtime does', () => {
  it.each([
    ['a graph of every operation', everyOperation(), 'probabilities', 1],
    ['a graph of every operation', everyOperation(), 'probabilities', 7],
    ['a small classifier', smallClassifier(), 'scores', 7],
    ['a sum and a concatenation', branchingGraph(0.5), BRANCHING_LOGITS, 3],
    ['the network, dense', cifar10Graph(0), LOGITS, 1],
    ['the network, half of it', cifar10Graph(0.5), LOGITS, 1],
    ['the network, a tenth of it', cifar10Graph(0.9), LOGITS, 1],
  ] as const)('%s', async (_, graph, output, batch) => {
    const ours = await ourOutput(graph, output, batch);
    const files = encode(graph, 'dense', [output]);
    const theirs = await theirOutput(files, output, ours.images, ours.shape);
    expect(distance(theirs, ours.values)).toBeLessThan(1e-4);
  });

  it.each(['float16', 'int8'] as const)('with weights stored as %s', async (weightFormat) => {
    const graph = everyOperation();
    const files = encode(graph, weightFormat);
    const rounded = tfjs.readWeights(files);
    const ours = await ourOutput(
      graphDef(
        graph.node.map((each) => {
          const weight = rounded.get(each.name);
          return weight ? constant(each.name, weight.value) : each;
        }),
      ),
      'probabilities',
      7,
    );
    const theirs = await theirOutput(files, 'probabilities', ours.images, ours.shape);
    expect(distance(theirs, ours.values)).toBeLessThan(1e-5);
    expect(distance(ours.values, (await ourOutput(graph, 'probabilities', 7)).values)).toBeGreaterThan(1e-5);
  });
});

describe('functions', () => {
  const scalar = (name: string, value: number) => constant(name, float32Scalar(value));
  const cond = functionDef(
    'cond',
    ['h', 'w'],
    [
      scalar('limit', 100),
      constant('axes', { dtype: 'int32', shape: [2], data: Int32Array.of(0, 1) }),
      node('sum', 'Sum', ['h', 'axes:output:0'], T),
      node('less', 'Less', ['sum:output:0', 'limit:output:0'], T),
    ],
    ['less:z:0'],
  );
  const body = functionDef(
    'body',
    ['h', 'w'],
    [
      scalar('one', 1),
      node('product', 'Mul', ['h', 'w'], T),
      node('next', 'Add', ['product:z:0', 'one:output:0'], T),
    ],
    ['next:z:0', 'w'],
  );
  const loopOf = (...functions: FunctionDef[]) => {
    const nodes = [
      image(1, 2),
      constant('w', float32Tensor([2], Float32Array.of(2, 3))),
      whileNode('y', ['images', 'w'], 'cond', 'body'),
    ];
    return metaGraphWith(nodes, functions).graphDef!;
  };

  it('of a loop are run, with constants of their own', async () => {
    const files = encode(loopOf(cond, body), 'dense', ['y']);
    // [1, 1] -> [3, 4] -> [7, 13] -> [15, 40] -> [31, 121], whose sum is the first beyond the limit.
    expect([...(await theirOutput(files, 'y', Float32Array.of(1, 1), [1, 2], { loops: true }))]).toEqual([
      31, 121,
    ]);
  });

  it('are written with the names of their constants made their own, where they are read too', () => {
    const waits = functionDef(
      'body',
      ['h', 'w'],
      [
        scalar('one', 1),
        node('none', 'NoOp', ['^one']),
        node('next', 'Add', ['h', 'one:output:0'], T),
        node('same', 'Identity', ['w', '^none'], T),
      ],
      ['next:z:0', 'one:output:0'],
    );
    const files = encode(loopOf(cond, waits), 'dense', ['y']);
    expect(entriesOf(files).map(({ name }: { name: string }) => name)).toEqual([
      'w',
      'cond/limit',
      'cond/axes',
      'body/one',
    ]);
    const [, body] = jsonOf(files).modelTopology.library.function;
    expect(body.nodeDef.map(({ name, input }: NodeDef) => [name, ...(input ?? [])])).toEqual([
      ['body/one'],
      ['none', '^body/one'],
      ['next', 'h', 'body/one:output:0'],
      ['same', 'w', '^none'],
    ]);
    expect(body.nodeDef[0].attr.value.tensor).toEqual({ dtype: 'DT_FLOAT', tensorShape: {} });
    expect(body.ret).toEqual({ result_0: 'next:z:0', result_1: 'body/one:output:0' });
  });

  it('are refused with a lookup table, which nothing could fill', () => {
    const table = node('table', 'HashTableV2', []);
    const body = functionDef('body', ['h', 'w'], [table], ['h', 'w']);
    expect(() => encode(loopOf(cond, body))).toThrow(
      'node table (HashTableV2) is a lookup table in function body, which this export cannot fill',
    );
  });

  it('are refused with the node that TensorFlow.js does not know', () => {
    const shape = node('shape', 'TensorListElementShape', ['h']);
    const odd = functionDef('body', ['h', 'w'], [shape], ['shape:element_shape:0', 'w']);
    expect(() => encode(loopOf(cond, odd))).toThrow(
      'node shape (TensorListElementShape) has an operation in function body that TensorFlow.js does not know',
    );
  });
});

/** A constant of two strings. */
const strings = (...texts: string[]) => {
  const value = {
    case: 'tensor' as const,
    value: create(TensorProtoSchema, {
      dtype: DataType.DT_STRING,
      tensorShape: { dim: [{ size: 2n }] },
      stringVal: texts.map((each) => Buffer.from(each)),
    }),
  };
  return node('words', 'Const', [], {
    dtype: typeAttr(DataType.DT_STRING),
    value: create(AttrValueSchema, { value }),
  });
};
const jsonOf = ([model]: readonly ExportedFile[]) => JSON.parse(new TextDecoder().decode(model!.bytes));
const entriesOf = (files: readonly ExportedFile[]) => jsonOf(files).weightsManifest[0].weights;

it('writes strings, each behind its length, and reads what lies behind them', () => {
  const graph = smallClassifier();
  const files = encode(graphDef([...graph.node.slice(0, 2), strings('ab', ''), ...graph.node.slice(2)]));
  // Behind a filter of 72 values.
  expect([...files[1]!.bytes.subarray(288, 298)]).toEqual([2, 0, 0, 0, 97, 98, 0, 0, 0, 0]);
  const found = tfjs.readWeights(files);
  expect([...found.keys()]).toEqual(['filter', 'matrix']);
  for (const { name, value: weight } of weightConstants(graph))
    expect(found.get(name)!.value).toEqual(weight);
});

it.each([
  ['bool', [1, 0], [1, 0]],
  ['float16', [0x3c00, 0xc000], [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]],
  ['float64', [1, -2], [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]],
  ['uint8', [1, 255], [1, 0, 0, 0, 255, 0, 0, 0]],
  ['int64', [1, -2], [1, 0, 0, 0, 254, 255, 255, 255]],
] as const)('stores constants of %s in a type that TensorFlow.js has', (dtype, values, bytes) => {
  const data = {
    bool: () => Uint8Array.from(values),
    uint8: () => Uint8Array.from(values),
    float16: () => Uint16Array.from(values),
    float64: () => Float64Array.from(values),
    int64: () => BigInt64Array.from(values, BigInt),
  }[dtype]();
  const files = encode(graphDef([image(-1, 2), constant('c', { dtype, shape: [2], data } as Tensor)]));
  const stored = { bool: 'bool', float16: 'float32', float64: 'float32', uint8: 'int32', int64: 'int32' };
  expect(entriesOf(files)).toEqual([{ name: 'c', shape: [2], dtype: stored[dtype] }]);
  expect([...files[1]!.bytes]).toEqual(bytes);
});

it('repeats the one string of a constant that has one for all', () => {
  const [, shard] = encode(graphDef([image(-1, 2), strings('ab')]));
  expect([...shard!.bytes]).toEqual([2, 0, 0, 0, 97, 98, 2, 0, 0, 0, 97, 98]);
});

it('stores weights as steps of 8 bits or as halves', () => {
  const graph = graphDef([
    image(-1, 2),
    floats('w', [2, 2], [-1, 0, 254, 3.25]),
    op('out', 'MatMul', ['images', 'w']),
  ]);
  const [weight] = weightConstants(graph);
  const int8 = encode(graph, 'int8');
  const entry = { name: 'w', shape: [2, 2], dtype: 'float32' };
  const quantization = { dtype: 'uint8', scale: 1, min: -1, original_dtype: 'float32' };
  expect(entriesOf(int8)).toEqual([{ ...entry, quantization }]);
  expect([...int8[1]!.bytes]).toEqual([0, 1, 255, 4]);
  const read = tfjs.readWeights(int8).get('w')!;
  expect([...read.value.data]).toEqual([-1, 0, 254, 3]);
  // A byte for each value, and the entry in the JSON.
  expect(read.bytes).toBe(4 + JSON.stringify({ ...entry, quantization }).length);
  const bound = tfjs.largestRounding!(weight!, 'int8')(0);
  expect(bound).toBeGreaterThan(0.5);
  expect(bound).toBeLessThan(0.5001);

  const halves = encode(graph, 'float16');
  expect(entriesOf(halves)).toEqual([
    { ...entry, quantization: { dtype: 'float16', original_dtype: 'float32' } },
  ]);
  expect([...halves[1]!.bytes]).toEqual([0, 0xbc, 0, 0, 0xf0, 0x5b, 0x80, 0x42]);
  expect([...tfjs.readWeights(halves).get('w')!.value.data]).toEqual([-1, 0, 254, 3.25]);
  expect(tfjs.largestRounding!(weight!, 'float16')(2)).toBe(254 * 2 ** -11);
});

it('writes a graph without the values of constants, and what TensorFlow takes for granted', () => {
  const dilated = op('b', 'Conv2D', ['a', 'filter'], {
    ...sliding('SAME', 1),
    dilations: intListAttr([1, 2, 2, 1]),
  });
  const graph = graphDef([
    image(-1, 4, 4, 1),
    floats('filter', [1, 1, 1, 1], [2]),
    op('a', 'Conv2D', ['images', 'filter'], sliding('SAME', 1)),
    dilated,
  ]);
  const { modelTopology, convertedBy } = jsonOf(encode(graph));
  expect(convertedBy).toBe('cifar10-prune');
  expect(modelTopology.library).toBeUndefined();
  const [, filter, ...convolutions] = modelTopology.node;
  const one = { size: '1' };
  expect(filter).toEqual({
    name: 'filter',
    op: 'Const',
    attr: {
      dtype: { type: 'DT_FLOAT' },
      value: { tensor: { dtype: 'DT_FLOAT', tensorShape: { dim: [one, one, one, one] } } },
    },
  });
  expect(convolutions.map(({ attr }: { attr: Record<string, unknown> }) => attr.dilations)).toEqual([
    { list: { i: ['1', '1', '1', '1'] } },
    { list: { i: ['1', '2', '2', '1'] } },
  ]);
  expect(convolutions[0].attr.padding).toBeDefined();
});

it('cuts what the graph holds into files of 4 MB', () => {
  const names = encode(cifar10Graph(0.9)).map(({ name, bytes }) => [name, bytes.length]);
  expect(names.slice(1)).toEqual([
    ['a/frozen.v1_tfjs/group1-shard1of2.bin', 4 * 1024 * 1024],
    ['a/frozen.v1_tfjs/group1-shard2of2.bin', expect.any(Number)],
  ]);
  expect(names[0]![0]).toBe('a/frozen.v1_tfjs/model.json');
  expect(encode(cifar10Graph(0.9), 'int8')).toHaveLength(2);
});

it('names inputs and outputs', () => {
  const [model] = encode(smallClassifier(), 'dense', ['scores', 'probabilities']);
  const { signature, format } = JSON.parse(new TextDecoder().decode(model!.bytes));
  expect(format).toBe('graph-model');
  expect(Object.keys(signature.inputs)).toEqual(['images']);
  expect(Object.keys(signature.outputs).sort()).toEqual(['probabilities', 'scores']);
});

it.each(tfjs.weightFormats)('reads weights back, stored as %s, within the bound it gives', (weightFormat) => {
  const type = weightFormat === 'dense' ? 'float32' : (weightFormat as 'float16' | 'int8');
  for (const graph of [cifar10Graph(0.9), smallClassifier()]) {
    const found = tfjs.readWeights(encode(graph, weightFormat));
    for (const weight of weightConstants(graph)) {
      const { value } = found.get(weight.name)!;
      expect(value.shape).toEqual(weight.value.shape);
      const bound = tfjs.largestRounding!(weight, type);
      const beyond = weight.value.data.findIndex((each, i) => Math.abs(each - value.data[i]!) > bound(i));
      expect(beyond).toBe(-1);
      expect(weight.value.data.every((each, i) => each !== 0 || value.data[i] === 0)).toBe(true);
    }
  }
});

it.each([
  [[0, 0, 0], 1],
  [[-1, 0, 254], 1],
  [[3, 10], 10 / 255],
  [[-10, -3], 10 / 255],
])('quantizes %j with 0 exactly', (given, scale) => {
  const values = Float32Array.from(given);
  const { steps, scale: found, min } = affineUint8(values);
  expect(found).toBeCloseTo(scale, 12);
  expect(uint8Scale(values)).toBe(found);
  const decoded = Array.from(steps, (step) => step * found + min);
  expect(distance(decoded, values)).toBeLessThanOrEqual(scale / 2 + 1e-9);
  expect(Array.from(values).every((value, i) => value !== 0 || decoded[i] === 0)).toBe(true);
});

it('knows the operations that the installed TensorFlow.js does', () => {
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-converter');
  const folder = join(dirname(main), 'operations/op_list');
  const sources = readdirSync(folder).filter((name) => name.endsWith('.js'));
  const theirs = sources.flatMap((name) => [
    ...readFileSync(join(folder, name), 'utf8').matchAll(/'tfOpName': '(\w+)'/g),
  ]);
  expect([...OPERATIONS].sort()).toEqual([...new Set(theirs.map(([, name]) => name))].sort());
});

describe('says in one line what it cannot', () => {
  const integers = (value: bigint) =>
    constant('count', { dtype: 'int64', shape: [1], data: BigInt64Array.of(value) });
  const damaged = floats('damaged', [1, 2], [1, 2]);
  const { value } = damaged.attr.value!;
  (value.value as TensorProto).tensorContent = new Uint8Array(3);
  it.each([
    [
      [op('odd', 'Igamma', ['images'])],
      'node odd (Igamma) has an operation that TensorFlow.js does not know',
    ],
    [[integers(2n ** 31n)], 'node count (Const) holds 2147483648, and TensorFlow.js has no integers beyond'],
    [[node('text', 'Const', [])], 'node text (Const) has no value'],
    [[strings('a', 'b', 'c')], 'node words (Const) lists 3 strings, expected 2'],
    [[node('table', 'HashTable', [])], 'node table (HashTable) is a lookup table, which this export cannot'],
    [[damaged], 'node damaged (Const) cannot be stored for TensorFlow.js: '],
    [
      [constant('fine', { dtype: 'float64', shape: [1, 1], data: Float64Array.of(0.1) })],
      'node fine (Const) holds float64, but the finest type of TensorFlow.js is float32',
    ],
  ])('%#', (nodes, message) => {
    expect(() => encode(graphDef([image(-1, 2), ...nodes]))).toThrow(message);
  });

  it('of weights that are no numbers', () => {
    const graph = smallClassifier();
    const nan = constant('matrix', {
      dtype: 'float32',
      shape: [48, 4],
      data: noise('nan', 192).fill(Number.NaN, 5, 6),
    });
    const broken = graphDef(graph.node.map((each) => (each.name === 'matrix' ? nan : each)));
    expect(() => encode(broken, 'int8')).toThrow(
      expect.objectContaining({
        code: 'argument',
        message: 'matrix holds the weight NaN, which uint8 cannot',
      }),
    );
  });

  const json = (model: object, name = 'x/model.json') => ({
    name,
    bytes: new TextEncoder().encode(JSON.stringify(model)),
  });
  const group = (entry: object | null, ...paths: unknown[]) => ({ paths, weights: [entry] });
  const W = { name: 'w', shape: [1, 2], dtype: 'float32' };
  const shard = (name: string, ...given: number[]) => ({ name, bytes: Uint8Array.from(given) });

  it.each([
    ['no groups', {}],
    ['no list of groups', { weightsManifest: {} }],
    ['a group that is none', { weightsManifest: [group(W, 'a'), null] }],
    ['no paths', { weightsManifest: [{ weights: [W] }] }],
    ['a path that is none', { weightsManifest: [group(W, 'a', 1)] }],
    ['no weights', { weightsManifest: [{ paths: ['a'] }] }],
    ['weights that are none', { weightsManifest: [group(null, 'a')] }],
    ['no name', { weightsManifest: [group({ ...W, name: 1 }, 'a')] }],
    ['no type', { weightsManifest: [group({ ...W, dtype: 1 }, 'a')] }],
    ['no shape', { weightsManifest: [group({ ...W, shape: undefined }, 'a')] }],
    ['a negative extent', { weightsManifest: [group({ ...W, shape: [1, -1] }, 'a')] }],
    [
      'a scale that is none',
      { weightsManifest: [group({ ...W, quantization: { dtype: 'uint8', scale: '1' } }, 'a')] },
    ],
    ['no type of quantization', { weightsManifest: [group({ ...W, quantization: { dtype: 1 } }, 'a')] }],
  ])('of a list of weights with %s', (_, model) => {
    expect(() => tfjs.readWeights([json(model), shard('a')])).toThrow(
      expect.objectContaining({
        code: 'graph',
        message: 'x/model.json is not a graph model of TensorFlow.js: it lists no weights',
      }),
    );
  });

  const TEXTS = { name: 'texts', shape: [2], dtype: 'string' };
  it.each([
    ['a file too few', W, [], 'the file a, which holds weights, is missing'],
    ['a type of others', { ...W, dtype: 'toString' }, [shard('a')], 'the weights w are stored as toString'],
    ['too few bytes', W, [shard('a', 1, 2, 3, 4)], 'x/model.json: the files end within w'],
    ['half the length of a string', TEXTS, [shard('a', 1, 0)], 'the files end within texts'],
    ['half a string', TEXTS, [shard('a', 0, 0, 0, 0, 2, 0, 0, 0, 97)], 'the files end within texts'],
    ['strings without end', { ...TEXTS, shape: [2 ** 50] }, [shard('a', 0, 0, 0, 0)], 'end within texts'],
  ])('of %s', (_, entry, shards, message) => {
    const model = json({ weightsManifest: [group(entry, 'a')] });
    expect(() => tfjs.readWeights([model, ...shards])).toThrow(
      expect.objectContaining({ code: 'graph', message: expect.stringContaining(message) }),
    );
  });

  it('but reads what others may write: files in any order, empty tensors, null for no quantization', () => {
    const model = json({
      weightsManifest: [
        group({ ...W, quantization: null }, 'b', 'a'),
        group({ ...W, name: 'none', shape: [0, 2] }, 'a'),
        group({ ...W, name: 'steps', quantization: { dtype: 'uint8' } }, 'c'),
      ],
    });
    // 1 and -2 as float32.
    const shards = [shard('x/a', 0, 0, 0, 0xc0), shard('b', 0, 0, 0x80, 0x3f), shard('x/c', 3, 4)];
    const found = tfjs.readWeights([model, ...shards]);
    expect([...found].map(([name, { value }]) => [name, value.shape, ...value.data])).toEqual([
      ['w', [1, 2], 1, -2],
      ['none', [0, 2]],
      ['steps', [1, 2], 3, 4],
    ]);
  });

  it('of bytes that are no JSON', () => {
    for (const text of ['{"format', '\u0000{"weightsManifest": []}'])
      expect(() => tfjs.readWeights([{ name: 'x', bytes: new TextEncoder().encode(text) }])).toThrow(
        'x is not a graph model of TensorFlow.js',
      );
  });
});
