import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { nativeAddon } from '../../src/engine/simd/kernels/native/addon.ts';
import {
  classNames,
  type EvaluateJob,
  type Evaluation,
  evaluate,
  loadFrozenModel,
  type StripJob,
  type StripResult,
  strip,
  type TrainResult,
  train,
} from '../../src/index.ts';
import { fewPictures } from '../train/run.ts';

const STEPS = 20;
const BATCH = 4;
const STOP = new Error('enough');
const written = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];

let folder: string;
let run: string;
let dataDir: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jobs-'));
  run = join(folder, 'run');
  dataDir = await fewPictures();
});
afterAll(() => Promise.all([folder, dataDir].map((path) => rm(path, { recursive: true }))));
afterEach(() => {
  for (const write of written) {
    expect(write).not.toHaveBeenCalled();
    write.mockClear();
  }
});

const asked = {
  maxSteps: STEPS,
  pruningHparams: 'target_sparsity=0.75,sparsity_function_end_step=10',
  batchSize: BATCH,
  threads: 1,
};

/** A signal that a call aborts. */
function aborting() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort(STOP) };
}

describe('on the synthetic set', { timeout: 120_000 }, () => {
  let trained: TrainResult;
  let evaluated: Evaluation;
  let stripped: StripResult;

  test('trains', async () => {
    const steps: number[] = [];
    const lines: string[] = [];
    trained = await train({
      ...asked,
      trainDir: run,
      dataset: 'synthetic',
      observer: { step: ({ step }) => steps.push(step), notice: (line) => lines.push(line) },
    });
    expect(trained).toMatchObject({
      step: STEPS,
      interrupted: false,
      checkpoint: join(run, `model.ckpt-${STEPS}`),
    });
    expect(trained.sparsity).toBeCloseTo(0.75, 2);
    expect(steps).toEqual(Array.from({ length: STEPS }, (_, step) => step + 1));
    expect(lines.at(-1)).toMatch(/^simd.*1 thread/);
  });

  test('evaluates pictures of the dataset that the run was trained on', async () => {
    const progress: string[] = [];
    const lines: string[] = [];
    evaluated = await evaluate({
      checkpointDir: run,
      weights: 'raw weights',
      numExamples: 100,
      batchSize: 64,
      threads: 1,
      evalDir: join(folder, 'eval'),
      onProgress: (done, total) => progress.push(`${done}/${total}`),
      onNotice: (line) => lines.push(line),
    });
    expect(evaluated).toMatchObject({
      source: trained.checkpoint,
      step: STEPS,
      weights: 'raw weights',
      count: 100,
    });
    expect(evaluated.classNames).toEqual(classNames('synthetic'));
    expect(progress).toEqual(['64/100', '100/100']);
    expect(lines).toEqual([expect.stringMatching(/^simd.*1 thread/)]);
    expect(await readdir(join(folder, 'eval'))).toHaveLength(1);
    const averaged = await evaluate({ checkpointDir: run, numExamples: 10, threads: 1 });
    expect(averaged).toMatchObject({ weights: 'moving averages', count: 10 });
  });

  test('strips', async () => {
    const outputDir = join(folder, 'models', 'new');
    const formats = ['pb', 'onnx'] as const;
    stripped = await strip({ checkpointDir: run, outputDir, formats, weightFormat: 'sparse' });
    expect(stripped.checkpoint).toBe(trained.checkpoint);
    expect(stripped.exports.map(({ format, files }) => [format, files.map(({ path }) => path)])).toEqual([
      ['pb', [join(outputDir, 'pruning_stripped.pb')]],
      ['onnx', [join(outputDir, 'pruning_stripped.onnx')]],
    ]);
    const [{ files, size, verification }] = stripped.exports as [StripResult['exports'][0]];
    expect(verification.run).toMatchObject({ largestDifference: 0 });
    expect(size.bytes).toBe((await stat(files[0]!.path)).size);
    expect(size.bytes).toBeLessThan(stripped.dense.bytes / 2);
  });

  test.runIf(typeof nativeAddon() !== 'string')(
    'computes with native kernels where they are named',
    async () => {
      const trainDir = join(folder, 'native');
      const lines: string[] = [];
      const notice = (line: string) => lines.push(line);
      const shared = { dataset: 'synthetic', kernels: 'native', threads: 1 };
      await train({ ...asked, ...shared, maxSteps: 1, trainDir, observer: { notice } });
      await evaluate({ ...shared, checkpointDir: trainDir, numExamples: 10, onNotice: notice });
      const { path } = stripped.exports[0]!.files[0]!;
      await evaluate({ ...shared, model: path, numExamples: 10, onNotice: notice });
      const engines = lines.filter((line) => line.startsWith('simd'));
      expect(engines).toEqual(Array(3).fill(expect.stringMatching(/^simd on native code \(.*, 1 thread\)/)));
    },
  );

  test('evaluates and runs what was stripped', async () => {
    const { path } = stripped.exports[0]!.files[0]!;
    const frozen = await evaluate({ model: path, dataset: 'synthetic', numExamples: 100, threads: 1 });
    expect(frozen).toMatchObject({ source: path, weights: 'frozen', correct: evaluated.correct });
    const model = await loadFrozenModel(path, { threads: 1 });
    expect(await model.run(new Float32Array(2 * 24 * 24 * 3))).toHaveLength(2 * 10);
    await model.dispose();
  });
});

describe('when its signal aborts', { timeout: 120_000 }, () => {
  test('a training saves the step that it has reached, and the same call goes on', async () => {
    const trainDir = join(folder, 'aborted');
    const { signal, abort } = aborting();
    const job = { ...asked, trainDir, dataDir, maxSteps: 5, saveCheckpointSteps: 100 };
    const step = (report: { step: number }) => report.step === 3 && abort();
    const stopped = await train({ ...job, signal, observer: { step } });
    expect(stopped).toMatchObject({ step: 3, interrupted: true, checkpoint: join(trainDir, 'model.ckpt-3') });
    const rest: number[] = [];
    await train({ ...job, observer: { step: (report) => rest.push(report.step) } });
    expect(rest).toEqual([4, 5]);
  });

  test.each<[what: string, source: (path: string) => Pick<EvaluateJob, 'checkpointDir' | 'model'>]>([
    ['a checkpoint', () => ({ checkpointDir: run })],
    ['a frozen graph', (path) => ({ model: path, outputNodeName: 'softmax_linear/softmax_linear_2' })],
  ])('an evaluation of %s ends after the batch under way', async (_, source) => {
    const outputDir = join(folder, 'to-evaluate');
    const { exports } = await strip({ checkpointDir: run, outputDir, overwrite: true });
    const { signal, abort } = aborting();
    let done = 0;
    const job = {
      ...source(exports[0]!.files[0]!.path),
      dataDir,
      dataset: 'cifar10',
      batchSize: 2,
      threads: 1,
      signal,
      onProgress: (count: number) => {
        done = count;
        abort();
      },
    } as EvaluateJob;
    await expect(evaluate(job)).rejects.toBe(STOP);
    expect(done).toBe(2);
  });

  test('a strip leaves nothing', async () => {
    const outputDir = join(folder, 'stopped');
    const { signal, abort } = aborting();
    const stripping = strip({ checkpointDir: run, outputDir, signal });
    setImmediate(abort);
    await expect(stripping).rejects.toBe(STOP);
    await expect(stat(outputDir)).rejects.toThrow('ENOENT');
  });
});

describe('refuses', () => {
  test.each<[problem: string, job: Partial<StripJob>, message: string]>([
    [
      'a name with a folder',
      { filename: 'a/b.pb' },
      'filename is "a/b.pb", expected the name of a file in outputDir, such as pruning_stripped.pb',
    ],
    ['no format', { formats: [] }, 'formats is empty, expected some of pb | onnx | tfjs | saved_model'],
    [
      'an unknown format',
      { formats: ['h5' as 'pb'] },
      'format is h5, expected one of pb | onnx | tfjs | saved_model',
    ],
    [
      'an unknown way to store weights',
      { weightFormat: 'int4' as 'int8' },
      'weightFormat is int4, expected one of dense | sparse | float16 | int8 | sparse,float16 | sparse,int8',
    ],
  ])('%s', async (_, job, message) => {
    const stripping = strip({ checkpointDir: run, outputDir: folder, ...job });
    await expect(stripping).rejects.toMatchObject({ name: 'UserError', code: 'argument', message });
  });

  test('to replace a file unasked', async () => {
    const outputDir = await mkdtemp(join(folder, 'taken-'));
    await writeFile(join(outputDir, 'pruning_stripped.pb'), 'mine');
    await expect(strip({ checkpointDir: run, outputDir })).rejects.toThrow('exists already');
  });

  test('counts that are none', async () => {
    const trainDir = join(folder, 'never');
    await expect(train({ trainDir, maxSteps: 0 })).rejects.toMatchObject({
      code: 'argument',
      message: 'maxSteps is 0, expected a whole number from 1 on',
    });
    await expect(train({ trainDir, maxSteps: 1, batchSize: 1.5 })).rejects.toThrow('batchSize is 1.5');
    await expect(evaluate({ checkpointDir: run, batchSize: 0 })).rejects.toThrow('batchSize is 0');
    await expect(evaluate({ checkpointDir: run, numExamples: -1 })).rejects.toThrow('numExamples is -1');
    await expect(stat(trainDir)).rejects.toThrow('ENOENT');
  });

  test('an evaluation of nothing', async () => {
    await expect(evaluate({} as EvaluateJob)).rejects.toThrow('neither checkpointDir nor model');
  });
});
