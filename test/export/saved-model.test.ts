import { fromBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { savedModel } from '../../src/export/saved-model/index.ts';
import { roundWeights, weightConstants } from '../../src/export/weights/index.ts';
import { graphDef } from '../../src/graph/index.ts';
import { DataType, GraphDefSchema, SavedModelSchema } from '../../src/wire/protos.ts';
import { image, op } from '../runtime/graphs.ts';
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
  const damaged = [{ name: 'x/saved_model.pb', bytes: Uint8Array.of(255, 255) }];
  expect(() => savedModel.readWeights(damaged)).toThrow('x/saved_model.pb is no SavedModel with a graph');
  expect(() => savedModel.encode(smallClassifier(), { ...options, outputs: ['score'] })).toThrow(
    expect.objectContaining({
      message: 'the graph has no node score',
      hint: expect.stringContaining('scores'),
    }),
  );
});
