import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { savedModel } from '../../src/export/saved-model/index.ts';
import { roundWeights, weightConstants } from '../../src/export/weights/index.ts';
import { boolAttr, constant, graphDef, node, typeAttr } from '../../src/graph/index.ts';
import { DataType, GraphDefSchema, SavedModelSchema } from '../../src/wire/protos.ts';
import { float32Scalar } from '../../src/wire/tensor.ts';
import { image, op, T } from '../runtime/graphs.ts';
import { smallClassifier } from './graphs.ts';

const options = { filename: 'a/frozen.v1.pb', weightFormat: 'dense' } as const;

function signatureOf(...parameters: Parameters<typeof savedModel.encode>) {
  const [file, ...others] = savedModel.encode(...parameters);
  expect(others).toEqual([]);
  const { metaGraphs } = fromBinary(SavedModelSchema, file!.bytes);
  expect(metaGraphs.map(({ metaInfoDef }) => metaInfoDef?.tags)).toEqual([['serve']]);
  const { inputs, outputs } = metaGraphs[0]!.signatureDef.serving_default!;
  const shape = (info: (typeof inputs)[string]) =>
    info.tensorShape!.unknownRank ? 'unknown' : info.tensorShape!.dim.map(({ size }) => Number(size));
  return Object.entries({ ...inputs, ...outputs }).map(([key, info]) => [
    key,
    info.encoding.value,
    DataType[info.dtype],
    shape(info),
  ]);
}

it('is a folder with one file, whose signature names inputs and outputs as the graph does', () => {
  expect(savedModel.encode(smallClassifier(), options)[0]!.name).toBe(
    'a/frozen.v1_saved_model/saved_model.pb',
  );
  expect(signatureOf(smallClassifier(), { ...options, outputs: ['probabilities', 'features'] })).toEqual([
    ['images', 'images:0', 'DT_FLOAT', [-1, 7, 5, 1]],
    ['probabilities', 'probabilities:0', 'DT_FLOAT', [-1, 4]],
    ['features', 'features:0', 'DT_FLOAT', [-1, 3, 2, 8]],
  ]);
});

it('takes operations that our runtime does not know, with outputs of unknown shape', () => {
  const graph = graphDef([image(-1, 2, 2, 1), op('odd', 'Elu', ['images'])]);
  expect(signatureOf(graph, options)).toEqual([
    ['images', 'images:0', 'DT_FLOAT', [-1, 2, 2, 1]],
    ['odd', 'odd:0', 'DT_FLOAT', 'unknown'],
  ]);
});

it('tells the types of inputs and outputs, of nodes that name them in whatever way', () => {
  const graph = graphDef([
    image(-1, 2),
    node('flag', 'PlaceholderWithDefault', ['no'], { dtype: typeAttr(DataType.DT_BOOL) }),
    node('digit', 'ArgMax', ['images', 'axis'], { ...T, output_type: typeAttr(DataType.DT_INT32) }),
    node('half', 'Cast', ['images'], {
      SrcT: typeAttr(DataType.DT_FLOAT),
      DstT: typeAttr(DataType.DT_HALF),
    }),
    node('unsaid', 'Odd', ['images'], { T: boolAttr(true) }),
  ]);
  expect(signatureOf(graph, { ...options, outputs: ['digit', 'half', 'unsaid'] })).toEqual([
    ['images', 'images:0', 'DT_FLOAT', [-1, 2]],
    ['flag', 'flag:0', 'DT_BOOL', 'unknown'],
    ['digit', 'digit:0', 'DT_INT32', 'unknown'],
    ['half', 'half:0', 'DT_HALF', 'unknown'],
    ['unsaid', 'unsaid:0', 'DT_FLOAT', 'unknown'],
  ]);
});

describe('once the model is loaded', () => {
  const fill = (name: string) => [
    node(`${name}/table`, 'HashTableV2', []),
    constant(`${name}/keys`, float32Scalar(1)),
    node(name, 'InitializeTableV2', [`${name}/table`, `${name}/keys`, `${name}/keys`]),
  ];
  const encode = (...nodes: ReturnType<typeof node>[]) => {
    const graph = graphDef([image(-1, 2), op('out', 'Relu', ['images']), ...nodes]);
    return fromBinary(SavedModelSchema, savedModel.encode(graph, { ...options, outputs: ['out'] })[0]!.bytes)
      .metaGraphs[0]!.signatureDef;
  };

  it.each([
    ['nothing', [], undefined],
    ['what fills a table', fill('a'), 'a'],
    [
      'what fills a table, though a node waits for it',
      [...fill('a'), op('b', 'Relu', ['images', '^a'])],
      'a',
    ],
    [
      'what waits for all that fill tables',
      [...fill('a'), ...fill('b'), node('c', 'NoOp', ['^b']), node('d', 'NoOp', ['^a', '^c'])],
      'd',
    ],
  ])('runs %s', (_, nodes, initializer) => {
    const { __saved_model_init_op: signature, ...others } = encode(...nodes);
    expect(signature?.outputs.__saved_model_init_op?.encoding).toEqual(
      initializer && { case: 'name', value: initializer },
    );
    expect(Object.keys(others)).toEqual(['serving_default']);
  });

  it('refuses to choose between two', () => {
    expect(() => encode(...fill('a'), ...fill('b'))).toThrow(
      expect.objectContaining({
        code: 'argument',
        message: 'a SavedModel runs one initializer when it is loaded, and the graph has a, b',
        hint: expect.stringContaining('--output_node_names'),
      }),
    );
  });
});

it.each(savedModel.weightFormats)('gives back its graph and its weights, stored as %s', (weightFormat) => {
  const graph = smallClassifier();
  const files = savedModel.encode(graph, { ...options, weightFormat });
  const found = savedModel.readWeights(files);
  for (const { name, value } of weightConstants(roundWeights(graph, weightFormat)))
    expect(found.get(name)!.value).toEqual(value);
  const nodes = fromBinary(GraphDefSchema, savedModel.readGraph!(files)).node;
  expect(nodes.map(({ name }) => name)).toEqual(expect.arrayContaining(graph.node.map(({ name }) => name)));
});

it('says what is wrong with damaged files and with outputs that are not there', () => {
  for (const bytes of [Uint8Array.of(255, 255), new Uint8Array(0)])
    expect(() => savedModel.readWeights([{ name: 'x/saved_model.pb', bytes }])).toThrow(
      expect.objectContaining({
        code: 'graph',
        message: 'x/saved_model.pb is not a SavedModel with a graph',
      }),
    );
  expect(() => savedModel.encode(smallClassifier(), { ...options, outputs: ['score'] })).toThrow(
    expect.objectContaining({
      message: 'the graph has no node score',
      hint: expect.stringContaining('scores'),
    }),
  );
});
