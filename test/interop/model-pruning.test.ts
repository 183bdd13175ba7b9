import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/checkpoint/index.ts';
import {
  BATCH_FOLDER,
  evaluationBatches,
  syntheticRecords,
  writeBatchFiles,
} from '../../src/cifar10-loader.ts';
import { selectEngine } from '../../src/engine/select.ts';
import { evaluateCheckpoint, type Weights } from '../../src/eval/index.ts';
import { loadFrozenModel } from '../../src/runtime/index.ts';
import { stripCheckpoint } from '../../src/strip/index.ts';
import { CIFAR10, CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import { type TrainOptions, train } from '../../src/train/index.ts';
import { GraphDefSchema } from '../../src/wire/protos.ts';
import { noting, trainOptions } from '../train/run.ts';
import { runPython } from './python.ts';

const OUTPUT = 'softmax_linear/softmax_linear_2';
const TOLERANCE = 1e-4;
const IMAGES = 64;
const CLASSES = 10;
const WEIGHTS = { logits: 'raw weights', averagedLogits: 'moving averages' } as const;

/** What TensorFlow says of a folder. */
interface Described {
  readonly variables: number;
  readonly step: number;
  readonly lastMaskUpdateStep: number;
  readonly losses: number[];
  readonly logits: number[];
  readonly averagedLogits: number[];
  /** Before it trained on. */
  readonly restored: number[];
}

const records = syntheticRecords('test', IMAGES);
const { images, labels } = evaluationBatches(records, IMAGES).next().value!;

let folder: string;
let arguments_: readonly [records: string, images: string];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interop-model-pruning-'));
  const splits = { train: syntheticRecords('train', 100, 0), test: syntheticRecords('test', 10, 0) };
  await writeBatchFiles(join(folder, BATCH_FOLDER), splits);
  await writeFile(join(folder, 'images'), new Uint8Array(images.buffer));
  arguments_ = [join(folder, BATCH_FOLDER, 'data_batch_1.bin'), join(folder, 'images')];
});
afterAll(() => rm(folder, { recursive: true }));

const describeWith = async (...args: string[]) =>
  JSON.parse(await runPython('model-pruning.py', args)) as Described;

const options = (trainDir: string, maxSteps: number): TrainOptions =>
  trainOptions({
    trainDir,
    settings: {
      batch_size: 8,
      pruning_hparams: 'target_sparsity=0.9,pruning_frequency=1,sparsity_function_end_step=8',
    },
    dataDir: folder,
    maxSteps,
    saveCheckpointSteps: 2,
    keepCheckpoints: 2,
  });

async function strippedLogits(checkpointDir: string, movingAverage: boolean): Promise<Float32Array> {
  const { graph } = await stripCheckpoint({ checkpointDir, outputNodeNames: [OUTPUT], movingAverage });
  const model = await loadFrozenModel(toBinary(GraphDefSchema, graph));
  const logits = await model.run(images);
  await model.dispose();
  return logits;
}

async function countCorrect(checkpointDir: string, weights: Weights): Promise<number> {
  const { engine } = await selectEngine({ network: CIFAR10_NETWORK });
  const { correct } = await evaluateCheckpoint(checkpointDir, engine, weights, {
    task: CIFAR10,
    records,
    batchSize: IMAGES,
  });
  await engine.dispose();
  return correct;
}

function expectSameLogits(actual: ArrayLike<number>, expected: ArrayLike<number>) {
  expect(actual).toHaveLength(IMAGES * CLASSES);
  const differences = Array.from(actual, (logit, i) => Math.abs(logit - expected[i]!));
  expect(Math.max(...differences)).toBeLessThan(TOLERANCE);
}

function correctOf(logits: readonly number[]): number {
  const classOf = (image: number) => {
    const row = logits.slice(image * CLASSES, (image + 1) * CLASSES);
    return row.indexOf(Math.max(...row));
  };
  return [...labels].reduce((correct: number, label, image) => correct + Number(classOf(image) === label), 0);
}

describe.each(['ref', 'resource'])("TensorFlow's training folder with %s variables", (kind) => {
  let theirs: string;
  let described: Described;
  beforeAll(async () => {
    theirs = join(folder, kind);
    await mkdir(theirs);
    described = await describeWith('write', theirs, ...arguments_, kind);
  });

  it.each(Object.entries(WEIGHTS))('is stripped, with its %s', async (which, weights) => {
    const logits = await strippedLogits(theirs, weights === 'moving averages');
    expectSameLogits(logits, described[which as keyof typeof WEIGHTS]);
  });

  it.each(Object.entries(WEIGHTS))('is evaluated, with its %s', async (which, weights) => {
    const expected = correctOf(described[which as keyof typeof WEIGHTS]);
    expect(await countCorrect(theirs, weights)).toBe(expected);
  });

  it('is trained on, with its files left as they are, and what is saved TensorFlow restores and trains on', async () => {
    const filesOf = async () => (await readdir(theirs)).filter((file) => file.startsWith('model.ckpt-4.'));
    const contents = async () => Promise.all((await filesOf()).map((file) => readFile(join(theirs, file))));
    const before = await contents();
    const lines: string[] = [];
    const result = await train(options(theirs, 12), noting(lines));
    expect(result.step).toBe(12);
    expect(result.sparsity).toBeCloseTo(0.9, 3);
    expect(lines).toContainEqual(expect.stringContaining('not used: conv1/biases/Momentum and 9 others'));
    const after = await contents();
    expect(after.every((file, i) => file.equals(before[i]!))).toBe(true);

    const saved = await openCheckpoint(join(theirs, 'model.ckpt-12'));
    expect((await saved.read('cifar10_pruning/last_mask_update_step')).data[0]).toBeGreaterThan(
      described.lastMaskUpdateStep,
    );
    const target = join(folder, `${kind}-continued`);
    const continued = await describeWith('continue', theirs, ...arguments_, target);
    expect(continued.variables).toBe(39);
    expect(continued.step).toBe(16);
    expect(continued.losses.every(Number.isFinite)).toBe(true);
    expectSameLogits(await strippedLogits(join(theirs, 'model.ckpt-12'), false), continued.restored);
    expectSameLogits(await strippedLogits(target, true), continued.averagedLogits);
  });
});
