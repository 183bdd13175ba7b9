import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openCheckpoint, readMetaGraph, saveCheckpoint } from '../../src/checkpoint/index.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { Tensor } from '../../src/wire/tensor.ts';
import { runCaptured } from './capture.ts';
import { writeCheckpoint } from './checkpoint-fixture.ts';

const STEP = 70;
const HINT =
  'hint: Name an earlier checkpoint, or train again with a smaller learning rate: training has diverged.\n';

let whole: Map<string, Tensor>;
let prefix: string;
beforeAll(async () => {
  prefix = await writeCheckpoint(await mkdtemp(join(tmpdir(), 'not-finite-')), STEP);
  const checkpoint = await openCheckpoint(prefix);
  whole = new Map();
  for (const name of checkpoint.names) whole.set(name, await checkpoint.read(name));
});

/** A folder with a checkpoint in which one variable has `value` at `index`. */
async function damaged(name: string, index: number, value: number): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'not-finite-'));
  const tensor = whole.get(name)! as Tensor & { readonly dtype: 'float32' };
  const variables = new Map(whole).set(name, { ...tensor, data: tensor.data.with(index, value) });
  await saveCheckpoint({ dir, step: STEP, variables, metaGraph: await readMetaGraph(prefix), keep: 1 });
  return dir;
}

const strip = (dir: string, ...flags: string[]) =>
  runCaptured(
    [
      'strip',
      `--checkpoint_dir=${dir}`,
      `--output_dir=${dir}/out`,
      '--output_node_names=softmax_linear/softmax_linear_2',
      ...flags,
    ],
    COMMANDS,
  );
const evaluate = (dir: string, ...flags: string[]) =>
  runCaptured(
    [
      'eval',
      `--checkpoint_dir=${dir}`,
      '--run_once',
      '--dataset=synthetic',
      '--num_examples=4',
      `--eval_dir=${dir}/eval`,
      ...flags,
    ],
    COMMANDS,
  );

test('strip refuses NaN and infinity in what it freezes, in every format, and writes nothing', async () => {
  const nan = await damaged('local3/weights', 385, Number.NaN);
  for (const format of ['pb', 'pb,onnx,tfjs,saved_model']) {
    const { code, stderr } = await strip(nan, `--format=${format}`);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: the value of variable local3/weights in the checkpoint holds NaN at [1, 1], and 1 of its 884736 values is NaN or infinite\n${HINT}`,
    );
    expect(await readdir(nan)).not.toContain('out');
  }
  const infinite = await damaged('local4/biases', 3, Number.NEGATIVE_INFINITY);
  expect((await strip(infinite)).stderr).toContain(
    'variable local4/biases in the checkpoint holds -Infinity at [3]',
  );
});

test('strip refuses only what it freezes', async () => {
  const average = await damaged('conv1/biases/ExponentialMovingAverage', 0, Number.NaN);
  expect((await strip(average)).code).toBe(0);
  expect((await strip(average, '--moving_average', '--overwrite')).stderr).toContain(
    'variable conv1/biases in the checkpoint holds NaN at [0]',
  );
});

test('eval refuses NaN and infinity in what it evaluates', async () => {
  const weights = await damaged('local3/weights', 385, Number.NaN);
  const { code, stderr } = await evaluate(weights, '--raw');
  expect(code).toBe(1);
  expect(stderr).toContain(
    `error: ${join(weights, `model.ckpt-${STEP}`)}: local3/weights holds NaN at [1, 1], and 1 of its 884736 values is NaN or infinite\n${HINT}`,
  );
  const average = await damaged('conv1/weights/ExponentialMovingAverage', 0, Number.POSITIVE_INFINITY);
  expect((await evaluate(average)).stderr).toContain('conv1/weights/ExponentialMovingAverage holds Infinity');
  const mask = await damaged('conv2/mask', 0, Number.NaN);
  expect((await evaluate(mask, '--raw')).stderr).toContain('conv2/mask holds NaN');
});

test('train refuses to continue with them', async () => {
  const dir = await damaged('local4/biases', 0, Number.NaN);
  const flags = [`--train_dir=${dir}`, '--dataset=synthetic', `--max_steps=${STEP + 1}`, '--batch_size=4'];
  const { code, stderr } = await runCaptured(['train', ...flags], COMMANDS);
  expect(code).toBe(1);
  expect(stderr).toContain(`local4/biases holds NaN at [0]`);
});
