import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { Interrupted } from '../../src/cli/interruption.ts';
import { runCommandLine } from '../../src/cli/run.ts';
import { capturingContext, runCaptured } from './capture.ts';
import { writeData } from './data-fixture.ts';

let dir: string;
let trained: string;
let dataDir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'main-job-'));
  trained = join(dir, 'train');
  dataDir = await writeData();
});

const TRAIN = ['--batch_size=8', '--pruning_hparams=pruning_frequency=1,sparsity_function_end_step=2'];
const EVAL = ['--run_once', '--num_examples=50', '--json', '--confusion_matrix'];
const run = (command: string, ...flags: string[]) =>
  runCaptured([command, `--data_dir=${dataDir}`, ...flags], COMMANDS);
const events = async (folder: string) =>
  (await readdir(folder)).filter((name) => name.startsWith('events.out.tfevents.'));

test('train, eval, strip and eval of the frozen graph go hand in hand', async () => {
  const training = await run(
    'train',
    `--train_dir=${trained}`,
    ...TRAIN,
    '--max_steps=2',
    '--json',
    '--log_frequency=1',
  );
  expect(training.code).toBe(0);
  const { seconds, loss, accuracy, layers, next, ...result } = JSON.parse(training.stdout);
  expect(result).toEqual({
    step: 2,
    steps: 2,
    sparsity: expect.closeTo(0.5, 3),
    checkpoint: join(trained, 'model.ckpt-2'),
    interrupted: false,
  });
  expect(seconds).toBeGreaterThan(0);
  expect(loss).toBeGreaterThan(0);
  expect(accuracy * 8).toBeCloseTo(Math.round(accuracy * 8), 9);
  expect(layers[0]).toEqual({
    name: 'conv1',
    weights: 4800,
    sparsity: 0.5,
    threshold: expect.closeTo(0.034, 2),
  });
  expect(next).toEqual([
    `cifar10-prune eval --checkpoint_dir=${trained} --eval_dir=${trained}/eval --data_dir=${dataDir} --run_once`,
    `cifar10-prune strip --checkpoint_dir=${trained} --output_dir=${trained}`,
    `tensorboard --logdir=${trained}`,
  ]);
  expect(training.stderr).toMatch(/simd on/);
  expect(training.stderr).toMatch(/: step 1, loss = \d+\.\d\d \(.*\)\n.*: step 2, /);

  const evaluation = join(dir, 'eval');
  const raw = await run('eval', `--checkpoint_dir=${trained}`, '--raw', `--eval_dir=${evaluation}`, ...EVAL);
  expect(raw.code).toBe(0);
  const { step, weights, count, confusion_matrix } = JSON.parse(raw.stdout);
  expect({ step, weights, count }).toEqual({ step: 2, weights: 'raw weights', count: 50 });
  expect(confusion_matrix).toHaveLength(10);
  expect(await events(evaluation)).toHaveLength(1);

  const output = '--output_node_names=softmax_linear/softmax_linear_2';
  const strip = await runCaptured(
    ['strip', `--checkpoint_dir=${trained}`, output, `--output_dir=${dir}`],
    COMMANDS,
  );
  expect(strip.stdout).toContain('conv2/weights          │  102400 │ 50.0%');

  const model = join(dir, 'pruning_stripped.pb');
  const frozen = await run('eval', `--model=${model}`, ...EVAL);
  expect(JSON.parse(frozen.stdout)).toMatchObject({ source: model, weights: 'frozen', confusion_matrix });
});

test('a run is continued, and only as what it was', async () => {
  const again = await run('train', `--train_dir=${trained}`, '--max_steps=2');
  expect(again).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^nothing to do: the run is at step 2; .*\n.*\n│ layer/),
  });

  const other = await run('train', `--train_dir=${trained}`, '--max_steps=3', '--seed=7');
  expect(other.code).toBe(1);
  expect(other.stderr).toContain('seed was 1, now 7');
  expect(other.stderr).toContain('--override_hparams');
});

test('train ends with what came out, on the test set too where asked, and with what to type next', async () => {
  const folder = join(dir, 'a run');
  const { code, stdout } = await run(
    'train',
    `--train_dir=${folder}`,
    ...TRAIN,
    '--max_steps=3',
    '--evaluate',
  );
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^trained to step 3: 3 steps in \d+s, checkpoint .*\/a run\/model\.ckpt-3$/);
  expect(lines[1]).toMatch(/^last batch: loss \d\.\d\d, accuracy \d+\.\d%$/);
  expect(stdout).toMatch(/│ conv2 +│ +102400 │ 50\.0% │ +0\.0\d+ │/);
  expect(stdout).toMatch(/│ total +│ +1067584 │ 50\.0% │ +│/);
  const [, averages, raw] = /^test set: accuracy (.*)% \(moving averages\), (.*)% \(raw weights\)$/m.exec(
    stdout,
  )!;
  expect(lines.slice(-3)).toEqual([
    'next:',
    `  cifar10-prune strip --checkpoint_dir='${folder}' --output_dir='${folder}'`,
    `  tensorboard --logdir='${folder}'`,
  ]);
  expect(await events(join(folder, 'eval'))).toHaveLength(1);
  expect(await events(join(folder, 'eval_raw'))).toHaveLength(1);

  const again = await run('train', `--train_dir=${folder}`, '--max_steps=3', '--evaluate', '--json');
  const { steps, test_set } = JSON.parse(again.stdout);
  expect(steps).toBe(0);
  expect((test_set.averages.accuracy * 100).toFixed(1)).toBe(averages);
  expect((test_set.raw.accuracy * 100).toFixed(1)).toBe(raw);
  expect(test_set.raw.count).toBe(60);
});

test('an interrupted run saves a checkpoint and ends with 130', async () => {
  const interruption = new AbortController();
  const { context, stdout, stderr } = capturingContext(interruption.signal);
  context.stdout.once('data', () => interruption.abort(new Interrupted('SIGINT')));
  const folder = join(dir, 'interrupted');
  const argv = [
    'train',
    `--data_dir=${dataDir}`,
    `--train_dir=${folder}`,
    ...TRAIN,
    '--max_steps=1000',
    '--log_frequency=1',
    '--overwrite',
  ];
  expect(await runCommandLine(argv, COMMANDS, context)).toBe(130);
  expect(stdout()).toMatch(/^.*: step 1, loss = .*\n$/);
  const checkpoint = join(folder, 'model.ckpt-1');
  expect(stderr()).toContain(
    `interrupted at step 1, checkpoint saved: ${checkpoint}\nto continue:\n  cifar10-prune `,
  );
  // Seed and hparams are the run's own, and --overwrite would delete it.
  const command = stderr().split('\n').at(-2)!;
  expect(command).toBe(
    `  cifar10-prune train --train_dir=${folder} --max_steps=1000 --data_dir=${dataDir} --log_frequency=1`,
  );
  expect(await readdir(folder)).toContain('model.ckpt-1.index');
});
