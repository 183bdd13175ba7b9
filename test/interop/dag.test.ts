import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SimdEngine } from '../../src/engine/simd/simd-engine.ts';
import { weightsName } from '../../src/model/names.ts';
import { type Network, weightedLayers, weightShape } from '../../src/model/network.ts';
import { initialValues, trainableVariables } from '../../src/model/variables.ts';
import { createPruning } from '../../src/pruning/index.ts';
import { randomStream } from '../../src/random.ts';
import { add, concat, conv, dense, lrn, pool } from '../engine/networks.ts';
import { runPython } from './python.ts';

const STEPS = 100;
const BATCH = 32;
const LEARNING_RATE = 0.05;
const CLASSES = 10;
const INPUT = [12, 12, 3] as const;
const HPARAMS =
  'begin_pruning_step=0,pruning_frequency=10,target_sparsity=0.8,sparsity_function_end_step=80,threshold_decay=0';
/** Of a loss; where only the order of sums differs, less than 1e-6 is left of it. */
const TOLERANCE = 1e-3;

const NETWORKS: Readonly<Record<string, Network>> = {
  residual: {
    input: INPUT,
    classes: CLASSES,
    layers: [
      conv('stem', [3, 3, 3, 16]),
      conv('first', [3, 3, 16, 16]),
      conv('second', [3, 3, 16, 16], { activation: 'none' }),
      add('block1', ['stem', 'second'], 'relu'),
      conv('third', [3, 3, 16, 24], { stride: 2 }),
      conv('fourth', [3, 3, 24, 24], { activation: 'none' }),
      conv('beside', [1, 1, 16, 24], { from: ['block1'], stride: 2, activation: 'none' }),
      add('block2', ['fourth', 'beside'], 'relu'),
      pool('pool', 2, 2),
      dense('logits', 216, CLASSES, { activation: 'none', weightDecay: 0.01 }),
    ],
  },
  concatenating: {
    input: INPUT,
    classes: CLASSES,
    layers: [
      conv('stem', [5, 5, 3, 12]),
      pool('pool', 3, 2),
      conv('narrow', [1, 1, 12, 8]),
      conv('wide', [3, 3, 12, 8], { from: ['pool'], weightDecay: 0.01 }),
      { ...pool('around', 3, 1), from: ['pool'] },
      concat('joined', ['narrow', 'wide', 'around']),
      lrn('norm', 4),
      pool('small', 2, 2),
      conv('logits', [3, 3, 28, CLASSES], { stride: 3, activation: 'none' }),
    ],
  },
};

/** Noise, and for each class a pattern that can be learned. */
function batches() {
  const stream = randomStream(9, 'batches');
  const values = INPUT[0] * INPUT[1] * INPUT[2];
  const normals = (length: number) => Float32Array.from({ length }, () => stream.normal());
  const patterns = Array.from({ length: CLASSES }, () => normals(values));
  return Array.from({ length: STEPS }, () => {
    const labels = Uint8Array.from({ length: BATCH }, () => stream.integer(CLASSES));
    const images = normals(BATCH * values).map(
      (noise, i) => noise + patterns[labels[Math.floor(i / values)]!]![i % values]! * 1.5,
    );
    return { images, labels };
  });
}

it('trains a residual and a concatenating network, pruned, as TensorFlow does', async () => {
  const steps = batches();
  const folder = await mkdtemp(join(tmpdir(), 'dag-'));
  const write = (name: string, data: Float32Array | Uint8Array) =>
    writeFile(join(folder, name.replaceAll('/', '.')), data);
  const ours: Record<string, [loss: number, sparsity: number][]> = {};
  const survivors: Record<string, Record<number, Record<string, number>>> = {};
  for (const [name, network] of Object.entries(NETWORKS)) {
    const initial = initialValues(network, 3);
    for (const { name: variable } of trainableVariables(network))
      await write(`${name}/${variable}`, initial.get(variable)!);
    ({ trained: ours[name], survivors: survivors[name] } = await train(network, initial, steps));
  }
  await write('images', Float32Array.from(steps.flatMap(({ images }) => [...images])));
  await write('labels', Uint8Array.from(steps.flatMap(({ labels }) => [...labels])));
  const request = { networks: NETWORKS, steps: STEPS, learningRate: LEARNING_RATE, survivors };
  await writeFile(join(folder, 'request.json'), JSON.stringify(request));
  const theirs: typeof ours = JSON.parse(await runPython('dag.py', [folder]));
  await rm(folder, { recursive: true });

  for (const [name, trained] of Object.entries(ours)) {
    trained.forEach(([loss, sparsity], step) => {
      const [theirLoss, theirSparsity] = theirs[name]![step]!;
      expect(Math.abs(loss - theirLoss), `${name}, step ${step + 1}`).toBeLessThan(TOLERANCE);
      expect(sparsity).toBeCloseTo(theirSparsity, 6);
    });
    expect(trained.at(-1)![1]).toBeCloseTo(0.8, 2);
    expect(trained.at(-1)![0]).toBeLessThan(0.9 * trained[0]![0]);
  }
});

async function train(
  network: Network,
  initial: ReadonlyMap<string, Float32Array>,
  steps: ReturnType<typeof batches>,
) {
  const layers = weightedLayers(network);
  const names = layers.map(({ name }) => weightsName(name));
  const pruning = createPruning(
    HPARAMS,
    layers.map((layer) => ({ name: weightsName(layer.name), shape: weightShape(layer) })),
  );
  const engine = new SimdEngine(network, { threads: 2 });
  engine.setVariables(initial);
  let state = pruning.initialState();
  const survivors: Record<number, Record<string, number>> = {};
  const trained: [number, number][] = [];
  for (const [index, { images, labels }] of steps.entries()) {
    const step = index + 1;
    const options = { learningRate: LEARNING_RATE, averageDecay: 0.99 };
    const { totalLoss } = await engine.trainStep(images, labels, options);
    if (pruning.isUpdateStep(state, step)) {
      ({ state } = pruning.update(state, step, await engine.readVariables(names)));
      engine.setMasks(state.masks);
      survivors[step] = Object.fromEntries(
        layers.map(({ name }) => [name, ones(state.masks.get(weightsName(name))!)]),
      );
    }
    const masks = [...state.masks.values()];
    const all = masks.reduce((sum, mask) => sum + mask.length, 0);
    trained.push([totalLoss, 1 - masks.reduce((sum, mask) => sum + ones(mask), 0) / all]);
  }
  await engine.dispose();
  return { trained, survivors };
}

function ones(mask: Float32Array): number {
  return mask.reduce((sum, value) => sum + value, 0);
}
