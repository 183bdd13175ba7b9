import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectEngine } from '../../src/engine/select.ts';
import { graphVariables, metaGraph } from '../../src/graph/index.ts';
import { layerOf, layerOutputName, maskName } from '../../src/model/names.ts';
import { loadFrozenModel } from '../../src/runtime/index.ts';
import { strippedGraph } from '../../src/strip/index.ts';
import { GraphDefSchema } from '../../src/wire/protos.ts';
import { elementCount, float32Tensor } from '../../src/wire/tensor.ts';
import { expectClose } from '../engine/expect-close.ts';
import { NETWORKS, randomStep } from '../engine/networks.ts';
import { referenceForward } from '../engine/reference.ts';
import { bytesOf, floats, image, integers, op } from './graphs.ts';

const network = NETWORKS['all kinds of layers']!;
const output = layerOutputName('logits');
const { variables, masks, images } = randomStep(network, 130, 4);
const size = images.length / 130;

/** A network of all kinds of layers, trained by nobody, stripped. */
function stripped(): Uint8Array {
  const values = graphVariables(network, 'test').map(({ name, shape }) => {
    const masked = [...masks.keys()].find((weights) => maskName(layerOf(weights)) === name);
    const data = masked ? masks.get(masked)! : variables.get(name);
    return [name, float32Tensor(shape, data ?? new Float32Array(elementCount(shape)))] as const;
  });
  const meta = metaGraph(network, { pruningName: 'test', keep: 5 });
  const { graph } = strippedGraph(meta, new Map(values), { outputNodeNames: [output] });
  return toBinary(GraphDefSchema, graph);
}

describe('a frozen network', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'frozen-'));
    await writeFile(join(folder, 'model.pb'), stripped());
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('computes calls that overlap one after the other, and ends after them', async () => {
    const model = await loadFrozenModel(join(folder, 'model.pb'), { threads: 2 });
    const [first, second] = [images.subarray(0, 3 * size), images.subarray(3 * size, 5 * size)];
    const alone = [await model.run(first), await model.run(second)];
    const runs = [model.run(first), model.run(second), model.run(images.subarray(1)), model.run(first)];
    const disposed = model.dispose();
    expect(await runs[0]).toEqual(alone[0]);
    expect(await runs[1]).toEqual(alone[1]);
    await expect(runs[2]).rejects.toThrow('no whole number of images');
    expect(await runs[3]).toEqual(alone[0]);
    await disposed;
    await expect(model.run(first)).rejects.toThrow('disposed');
  });

  it('says what goes in and what comes out', async () => {
    const model = await loadFrozenModel(join(folder, 'model.pb'), { backend: 'wasm' });
    expect(model.inputShape).toEqual([6, 5, 2]);
    expect(model.outputShape).toEqual([3]);
    expect(model.outputNames).toEqual([output]);
    expect(model.outputName).toBe(output);
    expect(model.reason).toBe('tfjs on wasm (SIMD), as asked for');
    await model.dispose();
  });

  it.each(['wasm', 'cpu'])('gives the logits of the definition, on %s', async (backend) => {
    const model = await loadFrozenModel(stripped(), { backend });
    const { logits } = referenceForward(network, { variables, masks }, images.subarray(0, 3 * size));
    expectClose(await model.run(images.subarray(0, 3 * size)), logits, 1e-5);
    await model.dispose();
  });

  it('gives the very logits of the engine, whatever the number of images', async () => {
    const { engine } = await selectEngine({ network, backend: 'wasm' });
    engine.setVariables(variables);
    engine.setMasks(masks);
    const model = await loadFrozenModel(stripped(), { backend: 'wasm' });
    const logits = await model.run(images);
    expect(logits).toEqual(await engine.forward(images));
    for (const [first, last] of [
      [0, 1],
      [1, 4],
      [127, 130],
    ] as const)
      expect(await model.run(images.subarray(first * size, last * size))).toEqual(
        logits.subarray(first * 3, last * 3),
      );
    expect(await model.run(new Float32Array())).toEqual(new Float32Array());
    await model.dispose();
    await engine.dispose();
  });

  it('keeps no tensor of a run, nor any once disposed of', async () => {
    const before = tf.memory().numTensors;
    const model = await loadFrozenModel(stripped(), { backend: 'wasm' });
    const loaded = tf.memory().numTensors;
    await model.run(images);
    expect(tf.memory().numTensors).toBe(loaded);
    await model.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await expect(model.run(images)).rejects.toThrow(/disposed/);
  });

  it('takes whole images only', async () => {
    const model = await loadFrozenModel(stripped());
    await expect(model.run(images.subarray(1))).rejects.toThrow(
      /^7799 values are no whole number of images of shape \[6, 5, 2\]$/,
    );
    await model.dispose();
  });
});

describe('the output', () => {
  const graph = bytesOf([
    image(-1, 2),
    floats('two', [], [2]),
    op('doubled', 'Mul', ['images', 'two']),
    op('raised', 'Add', ['doubled', 'two']),
    op('positive', 'Relu', ['doubled:0']),
  ]);
  const run = async (name: string) => {
    const model = await loadFrozenModel(graph, { output: name });
    const values = await model.run(Float32Array.of(1, -3));
    await model.dispose();
    return [...values];
  };

  it('is the node that is asked for', async () => {
    expect(await run('raised')).toEqual([4, -4]);
    expect(await run('positive:0')).toEqual([2, 0]);
    expect(await run('doubled')).toEqual([2, -6]);
    expect(await run('images')).toEqual([1, -3]);
  });

  it('must be asked for where there are several', async () => {
    await expect(loadFrozenModel(graph)).rejects.toMatchObject({
      code: 'graph',
      message: 'the graph has 2 outputs: raised, positive',
    });
  });

  it('must exist', async () => {
    await expect(loadFrozenModel(graph, { output: 'raise' })).rejects.toMatchObject({
      code: 'graph',
      message: 'the graph has no node raise',
      hint: expect.stringMatching(/^Name one of its \d+ nodes; the nearest are raised, /),
    });
  });
});

it('takes as many images as the graph declares', async () => {
  const model = await loadFrozenModel(
    bytesOf([
      image(2, 1, 3),
      integers('shape', 3, -1),
      op('reshaped', 'Reshape', ['images', 'shape']),
      op('out', 'Softmax', ['reshaped']),
    ]),
  );
  expect(model.inputShape).toEqual([1, 3]);
  const half = 1 / (1 + Math.exp(-1));
  expectClose(
    await model.run(Float32Array.of(0, 0, 0, 1, 5, 4)),
    [0.5, 0.5, 1 - half, half, half, 1 - half],
    1e-6,
  );
  await expect(model.run(new Float32Array(3))).rejects.toThrow('the graph takes 2 images at once, not 1');
  await model.dispose();
});
