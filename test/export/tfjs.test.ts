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
import { constant, graphDef, node, typeAttr } from '../../src/graph/index.ts';
import {
  AttrValueSchema,
  DataType,
  type FunctionDef,
  type GraphDef,
  TensorProtoSchema,
} from '../../src/wire/protos.ts';
import { float32Scalar, float32Tensor } from '../../src/wire/tensor.ts';
import { image, op } from '../runtime/graphs.ts';
import { functionDef, metaGraphWith, T, whileNode } from '../strip/function-graphs.ts';
import { cifar10Graph, everyOperation, LOGITS, noise, smallClassifier } from './graphs.ts';
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

  it('are refused with the node that TensorFlow.js does not know', () => {
    const shape = node('shape', 'TensorListElementShape', ['h']);
    const odd = functionDef('body', ['h', 'w'], [shape], ['shape:element_shape:0', 'w']);
    expect(() => encode(loopOf(cond, odd))).toThrow(
      'node shape (TensorListElementShape) has an operation in function body that TensorFlow.js does not know',
    );
  });
});

it('writes strings, each behind its length, and reads what lies behind them', () => {
  const value = {
    case: 'tensor' as const,
    value: create(TensorProtoSchema, {
      dtype: DataType.DT_STRING,
      tensorShape: { dim: [{ size: 2n }] },
      stringVal: [Buffer.from('ab'), Buffer.from('')],
    }),
  };
  const words = node('words', 'Const', [], {
    dtype: typeAttr(DataType.DT_STRING),
    value: create(AttrValueSchema, { value }),
  });
  const graph = smallClassifier();
  const files = encode(graphDef([words, ...graph.node]));
  expect([...files[1]!.bytes.subarray(0, 10)]).toEqual([2, 0, 0, 0, 97, 98, 0, 0, 0, 0]);
  const found = tfjs.readWeights(files);
  for (const { name, value: weight } of weightConstants(graph))
    expect(found.get(name)!.value).toEqual(weight);
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
  it.each([
    [
      [op('odd', 'Igamma', ['images'])],
      'node odd (Igamma) has an operation that TensorFlow.js does not know',
    ],
    [[integers(2n ** 31n)], 'node count (Const) holds 2147483648, and TensorFlow.js has no integers beyond'],
    [[node('text', 'Const', [])], 'node text (Const) has no value'],
    [
      [constant('fine', { dtype: 'float64', shape: [1, 1], data: Float64Array.of(0.1) })],
      'node fine (Const) holds float64, and TensorFlow.js has nothing finer than float32',
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
    expect(() => encode(broken, 'int8')).toThrow('matrix holds the weight NaN, which uint8 cannot');
  });

  it('of damaged files', () => {
    const [model, shard] = encode(smallClassifier());
    expect(() => tfjs.readWeights([model!])).toThrow('group1-shard1of1.bin, which holds weights, is missing');
    const cut = { ...shard!, bytes: shard!.bytes.subarray(0, 300) };
    expect(() => tfjs.readWeights([model!, cut])).toThrow('the files end within');
    const withEntry = (changes: object) => {
      const json = JSON.parse(new TextDecoder().decode(model!.bytes));
      Object.assign(json.weightsManifest[0].weights[0], changes);
      return [{ ...model!, bytes: new TextEncoder().encode(JSON.stringify(json)) }, cut];
    };
    for (const changes of [
      { shape: undefined },
      { shape: [-1] },
      { name: 1 },
      { quantization: { dtype: 1 } },
    ])
      expect(() => tfjs.readWeights(withEntry(changes))).toThrow('it lists no weights');
    expect(() => tfjs.readWeights(withEntry({ dtype: 'toString' }))).toThrow('are stored as toString');
    const odd = { ...model!, bytes: new TextEncoder().encode('{"format') };
    expect(() => tfjs.readWeights([odd])).toThrow('no graph model of TensorFlow.js');
  });
});
