import { dirname } from 'node:path/posix';
import { toJson } from '@bufbuild/protobuf';
import { SignatureDefSchema } from '../../wire/protos.ts';
import type { ExportedFile, ExportFormat } from '../format.ts';
import { outputsOf, stem } from '../outputs.ts';
import { servingSignature } from '../signature.ts';
import { partsOf } from '../weight-format.ts';
import { largestRounding, weightConstants } from '../weights/index.ts';
import { uint8Scale } from './affine-uint8.ts';
import { withOwnConstants } from './own-constants.ts';
import { readTfjsWeights } from './read-weights.ts';
import { storeConstant, storeWeight } from './store-constant.ts';
import { topology } from './topology.ts';

/** Browsers keep files of this size in their cache. */
const SHARD_BYTES = 4 * 1024 * 1024;
/** Values of up to 255 times `scale` are rounded to float32 in the end, by at most 2^-16 of half of `scale`. */
const FLOAT32_RELATIVE = 2 ** -15;

const mainFile = (filename: string) => `${stem(filename)}_tfjs/model.json`;

/** A folder for `loadGraphModel` of TensorFlow.js, with the same files as its converter writes. */
export const tfjs: ExportFormat = {
  doc: 'folder that TensorFlow.js loads (graph model); int8 is its uint8, with one scale a tensor',
  weightFormats: ['dense', 'float16', 'int8'],
  parts: /^group1-shard\d+of\d+\.bin$/,
  mainFile,
  encode(given, options) {
    const graph = withOwnConstants(given);
    const { type } = partsOf(options.weightFormat);
    const weights = new Map(weightConstants(graph).map((weight) => [weight.name, weight]));
    const stored = [...graph.node, ...(graph.library?.function.flatMap(({ nodeDef }) => nodeDef) ?? [])]
      .filter(({ op }) => op === 'Const')
      .map((node) => {
        const weight = weights.get(node.name);
        return weight ? storeWeight(weight, type) : storeConstant(node);
      });
    const shards = shardsOf(stored.map(({ bytes }) => bytes));
    const model = {
      format: 'graph-model',
      convertedBy: 'cifar10-prune',
      signature: toJson(SignatureDefSchema, servingSignature(graph, outputsOf(graph, options))),
      modelTopology: topology(graph),
      weightsManifest: [{ paths: shards.map(({ name }) => name), weights: stored.map(({ entry }) => entry) }],
    };
    const name = mainFile(options.filename);
    const json = { name, bytes: new TextEncoder().encode(JSON.stringify(model)) };
    return [json, ...shards.map(({ name: shard, bytes }) => ({ name: `${dirname(name)}/${shard}`, bytes }))];
  },
  readWeights: readTfjsWeights,
  largestRounding: (weight, type) => {
    if (type !== 'int8') return largestRounding(weight, type);
    const bound = (uint8Scale(weight.value.data) / 2) * (1 + FLOAT32_RELATIVE);
    return () => bound;
  },
};

function shardsOf(parts: readonly Uint8Array[]): ExportedFile[] {
  const whole = Buffer.concat(parts);
  const count = Math.ceil(whole.length / SHARD_BYTES);
  return Array.from({ length: count }, (_, index) => ({
    name: `group1-shard${index + 1}of${count}.bin`,
    bytes: new Uint8Array(whole.subarray(index * SHARD_BYTES, (index + 1) * SHARD_BYTES)),
  }));
}
