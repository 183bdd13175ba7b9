import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { evaluationBatches, syntheticRecords } from '../../src/cifar10-loader.ts';
import type { KernelName } from '../../src/engine/simd/kernels/signatures.ts';
import { Team } from '../../src/engine/simd/team.ts';
import { loadFrozenModel } from '../../src/runtime/index.ts';
import { stripCheckpoint } from '../../src/strip/index.ts';
import { train } from '../../src/train/index.ts';
import { GraphDefSchema } from '../../src/wire/protos.ts';
import { expectClose } from '../engine/expect-close.ts';
import { fewPictures, noting, trainOptions } from './run.ts';

/** How often each kernel is called in each program that computes something, in the order in which they were made. */
let programs: Map<KernelName, number>[];
let trainDir: string;

const load = Team.prototype.load;
function countKernels() {
  programs = [];
  vi.spyOn(Team.prototype, 'load').mockImplementation(function (this: Team, program, threadMemory) {
    const counts = new Map<KernelName, number>();
    for (const { kernel } of program.flat(2)) counts.set(kernel, (counts.get(kernel) ?? 0) + 1);
    if (!counts.has('listSurvivors')) programs.push(counts);
    return load.call(this, program, threadMemory);
  });
}

/** How many of the calls are to dense kernels, by what they compute; those that are left over are to sparse ones. */
const denseShare = (what: 'conv' | 'weightGradient') =>
  programs.map((counts) => {
    const dense = counts.get(`${what}Dense`) ?? 0;
    return dense / (dense + (counts.get(`${what}Sparse`) ?? 0));
  });

/** Where dense kernels compute, they leave the channels that do not fill a block to sparse ones. */
const mostly = expect.toSatisfy((share: number) => share > 0.9 && share < 1);

let trained: { conv: number[]; weightGradient: number[] };
beforeAll(async () => {
  countKernels();
  trainDir = await mkdtemp(join(tmpdir(), 'kernels-'));
  const pruning_hparams =
    'target_sparsity=0.9,sparsity_function_exponent=1,sparsity_function_end_step=3,pruning_frequency=1';
  const options = trainOptions({
    trainDir,
    dataDir: await fewPictures(),
    maxSteps: 4,
    settings: { batch_size: 2, pruning_hparams },
    engine: 'simd',
    threads: 1,
    saveCheckpointSteps: 1,
  });
  await train(options, noting());
  trained = { conv: denseShare('conv'), weightGradient: denseShare('weightGradient') };
});
beforeEach(countKernels);
afterEach(() => vi.restoreAllMocks());

test('training leaves dense kernels as masks grow sparser, 0%, 30%, 60%, 90%', () => {
  // Weight gradients by lists of survivors pay off from 25% on at the latest, outputs from 50% on.
  expect(trained.conv).toEqual([mostly, mostly, 0, 0]);
  expect(trained.weightGradient).toEqual([mostly, 0, 0, 0]);
});

test.each([
  { step: 0, sparsity: 0, dense: mostly },
  { step: 1, sparsity: 0.3, dense: mostly },
  { step: 2, sparsity: 0.6, dense: 0 },
  { step: 3, sparsity: 0.9, dense: 0 },
])('a frozen graph of step $step runs on the kernels that suit it', async ({ step, sparsity, dense }) => {
  const checkpointDir = join(trainDir, `model.ckpt-${step}`);
  const { graph } = await stripCheckpoint({
    checkpointDir,
    outputNodeNames: ['softmax_linear/softmax_linear_2'],
  });
  const bytes = toBinary(GraphDefSchema, graph);
  const [batch] = evaluationBatches(syntheticRecords('test', 5, 0), 5);
  const simd = await loadFrozenModel(bytes, { engine: 'simd', threads: 1 });
  const logits = await simd.run(batch!.images);
  await simd.dispose();
  expect(denseShare('conv')).toEqual([dense]);
  expect(simd.weights.zeros / simd.weights.values).toBeCloseTo(sparsity, 2);

  const reference = await loadFrozenModel(bytes, { engine: 'tfjs', backend: 'wasm' });
  expectClose(logits, await reference.run(batch!.images), 1e-4);
  await reference.dispose();
});
