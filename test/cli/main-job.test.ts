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
  expect(JSON.parse(training.stdout)).toMatchObject({
    step: 2,
    checkpoint: join(trained, 'model.ckpt-2'),
    interrupted: false,
  });
  expect(JSON.parse(training.stdout).sparsity).toBeCloseTo(0.5, 3);
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
    stdout: expect.stringMatching(/^nothing to do: the run is at step 2/),
  });

  const other = await run('train', `--train_dir=${trained}`, '--max_steps=3', '--seed=7');
  expect(other.code).toBe(1);
  expect(other.stderr).toContain('seed was 1, now 7');
  expect(other.stderr).toContain('--override_hparams');
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
  ];
  expect(await runCommandLine(argv, COMMANDS, context)).toBe(130);
  expect(stdout()).toMatch(/^.*: step 1, loss = .*\n$/);
  const checkpoint = join(folder, 'model.ckpt-1');
  expect(stderr()).toContain(
    `interrupted at step 1, checkpoint saved: ${checkpoint}; run the same command to continue\n`,
  );
  expect(await readdir(folder)).toContain('model.ckpt-1.index');
});
