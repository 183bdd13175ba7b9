import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, StepResult } from '../../src/engine/engine.ts';
import { selectEngine } from '../../src/engine/select.ts';
import { maxPoolGradient } from '../../src/engine/tfjs/max-pool-gradient.ts';
import { averageName, layerOf, maskName, weightsName } from '../../src/model/names.ts';
import { weightedLayers } from '../../src/model/network.ts';
import { initialValues, trainableVariables } from '../../src/model/variables.ts';
import { magnitudeMask } from '../../src/pruning/index.ts';
import { randomStream } from '../../src/random.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import { expectClose } from '../engine/expect-close.ts';
import { runPython } from './python.ts';

const BATCH = 8;
const OPTIONS = { learningRate: 0.1, averageDecay: 0.9, observe: true };
const CASES = { dense: 0, sparse: 0.9 };
const layers = weightedLayers(CIFAR10_NETWORK).map(({ name }) => name);
const trainables = trainableVariables(CIFAR10_NETWORK).map(({ name }) => name);

const stream = randomStream(5);
const images = Float32Array.from({ length: BATCH * 24 * 24 * 3 }, () => stream.normal());
const labels = Uint8Array.from({ length: BATCH }, () => stream.integer(10));
const variables = initialValues(CIFAR10_NETWORK, 5);
for (const name of trainables) {
  const average = averageName(name);
  variables.set(
    average,
    variables.get(average)!.map((value) => value / 2 + 0.01),
  );
}
const masksAt = (sparsity: number) =>
  new Map(
    layers
      .map(weightsName)
      .map((weights) => [weights, magnitudeMask(variables.get(weights)!, sparsity, 0, 0).mask]),
  );

// Few values, of both signs, so that most windows hold their largest more than once.
const pooledShape = [2, 7, 6, 3] as const;
const pooled = Float32Array.from({ length: 2 * 7 * 6 * 3 }, () => stream.integer(3) - 2);

let folder: string;
const path = (name: string) => join(folder, name.replaceAll('/', '.'));
const read = async (name: string) => new Float32Array((await readFile(path(name))).buffer.slice(0));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
  const request = { ...OPTIONS, cases: Object.keys(CASES), pooledShape };
  const files: [string, string | Uint8Array | Float32Array][] = [
    ['request.json', JSON.stringify(request)],
    ['images', images],
    ['labels', labels],
    ['pooled', pooled],
    ...variables,
    ...Object.entries(CASES).flatMap(([name, sparsity]) =>
      [...masksAt(sparsity)].map(
        ([weights, mask]) => [`${name}/${maskName(layerOf(weights))}`, mask] as [string, Float32Array],
      ),
    ),
  ];
  for (const [name, data] of files) await writeFile(path(name), data);
  await runPython('engine.py', [folder]);
}, 300_000);

afterAll(() => rm(folder, { recursive: true }));

describe.each(Object.entries(CASES))("TensorFlow's training step, %s", (name, sparsity) => {
  let engine: Engine;
  let logits: Float32Array;
  let result: StepResult;

  beforeAll(async () => {
    ({ engine } = await selectEngine({ network: CIFAR10_NETWORK }));
    engine.setVariables(variables);
    engine.setMasks(masksAt(sparsity));
    logits = await engine.forward(images);
    result = await engine.trainStep(images, labels, OPTIONS);
  });
  afterAll(() => engine.dispose());

  it('has our logits', async () => {
    const theirs = await read(`${name}/logits`);
    theirs.forEach((logit, i) => {
      expect(Math.abs(logits[i]! - logit)).toBeLessThan(1e-4);
    });
  });

  it('has our losses', async () => {
    const { totalLoss, crossEntropy, weightLosses } = result;
    const ours = [totalLoss, crossEntropy, ...weightLosses.values()];
    for (const [i, loss] of (await read(`${name}/losses`)).entries()) expectClose([ours[i]!], [loss], 1e-5);
  });

  it.each(trainables)('has our gradient of %s', async (variable) => {
    const theirs = await read(`${name}/${variable}/gradient`);
    expectClose(result.observed!.gradients.get(variable)!, theirs, 1e-4);
  });

  describe.each(trainables)('leaves our %s', (trainable) => {
    it.each([trainable, averageName(trainable)])('%s', async (variable) => {
      const [ours] = [...(await engine.readVariables([variable])).values()];
      const theirs = await read(`${name}/${variable}`);
      // Where a weight comes out near zero, what is left of it is as exact as the step that took it there.
      const gradient = await read(`${name}/${trainable}/gradient`);
      const step =
        OPTIONS.learningRate * gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const largestError = theirs.reduce(
        (most, value, i) => Math.max(most, Math.abs(ours![i]! - value) / Math.max(Math.abs(value), step)),
        0,
      );
      expect(largestError).toBeLessThan(1e-5);
    });
  });
});

it("TensorFlow's gradient of max pooling goes where ours does", async () => {
  const [batchSize, inHeight, inWidth, inChannels] = pooledShape;
  const window = {
    ...{ batchSize, inHeight, inWidth, inChannels, outHeight: 4, outWidth: 3 },
    ...{ strideHeight: 2, strideWidth: 2, filterHeight: 3, filterWidth: 3, padInfo: { top: 1, left: 0 } },
  };
  const dy = Float32Array.from({ length: 2 * 4 * 3 * 3 }, (_, i) => i);
  const ours = new Float32Array(pooled.length);
  maxPoolGradient(pooled, dy, ours, window);
  expect(ours).toEqual(await read('pooling-gradient'));
});
