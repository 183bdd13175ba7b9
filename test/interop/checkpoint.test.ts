import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCheckpoint, saveCheckpoint, writeGraphText } from '../../src/checkpoint/index.ts';
import { selectEngine } from '../../src/engine/select.ts';
import { graphVariables, metaGraph } from '../../src/graph/index.ts';
import { maskName, weightsName } from '../../src/model/names.ts';
import { weightedLayers } from '../../src/model/network.ts';
import { initialValues } from '../../src/model/variables.ts';
import { magnitudeMask } from '../../src/pruning/index.ts';
import { randomStream } from '../../src/random.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import { elementCount, type Tensor } from '../../src/wire/tensor.ts';
import { runPython } from './python.ts';

const layers = weightedLayers(CIFAR10_NETWORK).map(({ name }) => name);
const weights = initialValues(CIFAR10_NETWORK, 3);
const masks = new Map(
  layers.map(weightsName).map((name) => [name, magnitudeMask(weights.get(name)!, 0.9, 0, 0).mask]),
);

/** Values for all 39 variables, different for each. */
function variables(): Map<string, Tensor> {
  const tensors = graphVariables(CIFAR10_NETWORK, 'cifar10_pruning').map(
    ({ name, dtype, shape }, index): [string, Tensor] => {
      const layer = layers.find((candidate) => maskName(candidate) === name);
      const data = layer ? masks.get(weightsName(layer)) : weights.get(name);
      if (dtype === 'int64') return [name, { dtype, shape, data: BigInt64Array.of(70n) }];
      if (dtype === 'int32') return [name, { dtype, shape, data: Int32Array.of(60) }];
      return [name, { dtype, shape, data: data ?? new Float32Array(elementCount(shape)).fill(index) }];
    },
  );
  return new Map(tensors);
}

test('TensorFlow reads, restores and saves again what we write', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'interop-checkpoint-'));
  const graph = metaGraph(CIFAR10_NETWORK, { pruningName: 'cifar10_pruning', keep: 5 });
  const ours = variables();
  await mkdir(join(dir, 'again'));
  await saveCheckpoint({ dir, step: 70, variables: ours, metaGraph: graph, keep: 5 });
  await writeGraphText(dir, graph.graphDef!);
  const stream = randomStream(1, 'interop images');
  const images = Float32Array.from({ length: 4 * 24 * 24 * 3 }, () => stream.normal());
  const imagesPath = join(dir, 'images.bin');
  await writeFile(imagesPath, new Uint8Array(images.buffer));

  const theirs = JSON.parse(await runPython('checkpoint.py', [dir, imagesPath]));

  expect(theirs.prefix).toBe(join(dir, 'model.ckpt-70'));
  expect(Object.keys(theirs.shapes).sort()).toEqual([...ours.keys()].sort());
  expect(theirs.variables).toHaveLength(39);
  expect(theirs.masks).toEqual(layers.map(maskName));
  expect(theirs.step).toBe(70);
  expect(theirs.nodes).toBe(graph.graphDef!.node.length);
  for (const [name, { shape, data }] of ours) {
    expect(theirs.shapes[name]).toEqual(shape);
    const sum = [...data].reduce<number>((total, value) => total + Number(value), 0);
    expect(theirs.sums[name]).toBeCloseTo(sum, 6);
  }

  const again = await openCheckpoint(theirs.again);
  for (const [name, tensor] of ours) expect(await again.read(name)).toEqual(tensor);
  for (const suffix of ['index', 'data-00000-of-00001']) {
    const [written, rewritten] = await Promise.all(
      [theirs.prefix, theirs.again].map((prefix) => readFile(`${prefix}.${suffix}`)),
    );
    expect(Buffer.compare(written!, rewritten!), suffix).toBe(0);
  }

  const { engine } = await selectEngine({ engine: 'auto', backend: 'auto', network: CIFAR10_NETWORK });
  engine.setVariables(weights);
  engine.setMasks(masks);
  const logits = await engine.forward(images);
  await engine.dispose();
  expect(logits).toHaveLength(theirs.logits.length);
  logits.forEach((logit, index) => {
    expect(Math.abs(logit - theirs.logits[index])).toBeLessThan(1e-4);
  });
});
