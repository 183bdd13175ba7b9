import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveCheckpoint } from '../../src/checkpoint/index.ts';
import { evaluationBatches, syntheticRecords } from '../../src/cifar10-loader.ts';
import { selectEngine } from '../../src/engine/select.ts';
import { EXPORT_FORMATS, writeExport } from '../../src/export/index.ts';
import { graphVariables, metaGraph } from '../../src/graph/index.ts';
import { averageName, layerOf, layerOutputName, maskName, weightsName } from '../../src/model/names.ts';
import { weightedLayers } from '../../src/model/network.ts';
import { initialValues, trainableVariables } from '../../src/model/variables.ts';
import { magnitudeMask } from '../../src/pruning/index.ts';
import { stripCheckpoint } from '../../src/strip/index.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import { elementCount, type Tensor } from '../../src/wire/tensor.ts';
import { runPython } from './python.ts';

const OUTPUT = layerOutputName('softmax_linear');
const TOLERANCE = 1e-4;
const IMAGES = 100;
const PRUNING_NAME = 'cifar10_pruning';

const layers = weightedLayers(CIFAR10_NETWORK).map(({ name }) => name);
const weights = strongerWeights(11);
const averages = strongerWeights(12);
const masks = new Map(
  layers.map(weightsName).map((name) => [name, magnitudeMask(weights.get(name)!, 0.9, 0, 0).mask]),
);
const images = evaluationBatches(syntheticRecords('test', IMAGES), IMAGES).next().value!.images;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interop-strip-'));
  await writeFile(join(folder, 'images'), new Uint8Array(images.buffer));
  await saveCheckpoint({
    dir: folder,
    step: 70,
    variables: variables(),
    metaGraph: metaGraph(CIFAR10_NETWORK, { pruningName: PRUNING_NAME, keep: 5 }),
    keep: 5,
  });
});
afterAll(() => rm(folder, { recursive: true }));

/** Initial weights and biases made larger, so that pruned to a tenth they still give logits of about one. */
function strongerWeights(seed: number): Map<string, Float32Array> {
  const initial = initialValues(CIFAR10_NETWORK, seed);
  return new Map(
    trainableVariables(CIFAR10_NETWORK).map(({ name }) => [
      name,
      initial.get(name)!.map((value) => value * 6),
    ]),
  );
}

function variables(): Map<string, Tensor> {
  const floats = new Map([
    ...weights,
    ...[...averages].map(([name, data]) => [averageName(name), data] as const),
    ...[...masks].map(([name, mask]) => [maskName(layerOf(name)), mask] as const),
  ]);
  return new Map(
    graphVariables(CIFAR10_NETWORK, PRUNING_NAME).map(({ name, dtype, shape }): [string, Tensor] => {
      if (dtype === 'int64') return [name, { dtype, shape, data: BigInt64Array.of(70n) }];
      if (dtype === 'int32') return [name, { dtype, shape, data: Int32Array.of(60) }];
      return [name, { dtype, shape, data: floats.get(name) ?? new Float32Array(elementCount(shape)) }];
    }),
  );
}

async function stripAndAsk(movingAverage: boolean) {
  const { graph, report } = await stripCheckpoint({
    checkpointDir: folder,
    outputNodeNames: [OUTPUT],
    movingAverage,
  });
  const filename = movingAverage ? 'averages.pb' : 'raw.pb';
  const files = EXPORT_FORMATS.pb.encode(graph, { filename, weightFormat: 'dense' });
  const [frozen] = await writeExport(files, { folder, overwrite: false });
  const paths = [join(folder, 'model.ckpt-70'), frozen!.path, join(folder, 'images')];
  const tensorflow = JSON.parse(await runPython('strip.py', [...paths, OUTPUT]));
  return { report, tensorflow };
}

async function engineLogits(values: ReadonlyMap<string, Float32Array>): Promise<Float32Array> {
  const { engine } = await selectEngine({ network: CIFAR10_NETWORK });
  engine.setVariables(values);
  engine.setMasks(masks);
  const logits = await engine.forward(images);
  await engine.dispose();
  return logits;
}

const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));

function expectSameLogits(actual: number[], expected: ArrayLike<number>) {
  expect(actual).toHaveLength(IMAGES * 10);
  expect(largest(expected)).toBeGreaterThan(1);
  expect(largest(actual.map((logit, index) => logit - expected[index]!))).toBeLessThan(TOLERANCE);
}

describe('TensorFlow runs the frozen graph', () => {
  it('of the weights, with the logits of the training graph and of our engine, in batches of any size', async () => {
    const { report, tensorflow } = await stripAndAsk(false);
    expectSameLogits(tensorflow.frozen, tensorflow.restored);
    expectSameLogits(tensorflow.frozen, await engineLogits(weights));
    expectSameLogits(tensorflow['in other batches'], tensorflow.frozen);

    const ops = new Map<string, string>(tensorflow.nodes);
    expect(
      [...ops.keys()].filter((name) => /mask(?!ed_weight)|threshold|\/weights($|\/read)/.test(name)),
    ).toEqual([]);
    expect([...ops.values()].filter((op) => /Variable|Assign|Save|Restore/.test(op))).toEqual([]);
    expect(ops.get('images')).toBe('Placeholder');
    expect(ops.get(OUTPUT)).toBe('Add');
    for (const { values, zeros } of report.tensors) expect(zeros / values).toBeCloseTo(0.9, 3);
  });

  it('of the moving averages, with the logits of our engine', async () => {
    const { tensorflow } = await stripAndAsk(true);
    expectSameLogits(tensorflow.frozen, await engineLogits(averages));
    expect(
      largest(tensorflow.frozen.map((logit: number, i: number) => logit - tensorflow.restored[i])),
    ).toBeGreaterThan(0.1);
  });
});
