import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import {
  BATCH_FOLDER,
  parseRecords,
  serializeRecords,
  syntheticRecords,
  writeBatchFiles,
} from '../../src/dataset/index.ts';
import { averageName } from '../../src/model/names.ts';
import { trainableVariables } from '../../src/model/variables.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import { readSummaries } from '../summary/read-events.ts';
import { runCaptured } from './capture.ts';
import { writeCheckpoint } from './checkpoint-fixture.ts';

/** The test split's labels: 7 of class 3, 4 of class 5, 6 of class 7, 2 of class 8 and 1 of class 0. */
const LABELS = [3, 3, 3, 3, 3, 3, 3, 5, 5, 5, 5, 7, 7, 7, 7, 7, 7, 8, 8, 0];
const CLASSES = 10;

let dir: string;
let dataDir: string;

/**
 * A network that sees nothing: local4 gives 1 in its first unit whatever the picture, and of the classes that are given the one with the
 * largest sum of weight and bias wins.
 */
function blindNetwork(weights: Record<number, number>, biases: Record<number, number>) {
  const values = new Map(
    trainableVariables(CIFAR10_NETWORK).map(({ name, size }) => [name, new Float32Array(size)]),
  );
  values.get('local4/biases')![0] = 1;
  for (const [label, value] of Object.entries(weights)) values.get('softmax_linear/weights')![+label] = value;
  for (const [label, value] of Object.entries(biases)) values.get('softmax_linear/biases')![+label] = value;
  return values;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'evaluation-'));
  dataDir = join(dir, 'data');
  const drawn = syntheticRecords('test', LABELS.length, 0);
  const images = LABELS.map((label, index) => ({ label, planes: drawn.planes(index) }));
  const test = parseRecords(serializeRecords(images));
  await writeBatchFiles(join(dataDir, BATCH_FOLDER), { train: test.slice(0, 17), test });

  // Class 7 would always win, but its weight is masked; class 8 would win if weights were averages and biases were not.
  const raw = blindNetwork({ 3: 10, 7: 99 }, { 8: 9 });
  const averages = blindNetwork({ 5: 8, 7: 99 }, {});
  const mask = new Float32Array(192 * CLASSES).fill(1);
  mask[7] = 0;
  const values = new Map([...raw, ['softmax_linear/mask', mask]]);
  for (const [name, value] of averages) values.set(averageName(name), value);
  await writeCheckpoint(join(dir, 'run'), 12, values);
});

const run = (...argv: string[]) => runCaptured(argv, COMMANDS);
const common = () => [
  `--data_dir=${dataDir}`,
  '--dataset=cifar10',
  '--threads=1',
  '--batch_size=8',
  '--json',
];

test.each([
  { flags: [], correct: 4, weights: 'moving averages' },
  { flags: ['--raw'], correct: 7, weights: 'raw weights' },
  { flags: ['--eval_data=train_eval'], correct: 4, count: 17, weights: 'moving averages' },
  { flags: ['--raw', '--num_examples=5'], correct: 5, count: 5, weights: 'raw weights' },
])('eval $flags is right for $correct', async ({ flags, correct, count = 20, weights }) => {
  const evalDir = await mkdtemp(join(dir, 'eval-'));
  const evalFlags = [`--checkpoint_dir=${join(dir, 'run')}`, `--eval_dir=${evalDir}`, '--run_once', ...flags];
  const { code, stdout } = await run('eval', ...common(), ...evalFlags);
  expect(code).toBe(0);
  const accuracy = correct / count;
  expect(JSON.parse(stdout)).toMatchObject({ step: 12, weights, accuracy, correct, count });

  const [events] = await readdir(evalDir);
  const shown = readSummaries(join(evalDir, events!)).get(12)?.get('Precision @ 1');
  expect(shown).toEqual({ case: 'simpleValue', value: Math.fround(accuracy) });
});

test.each([
  { flags: [], correct: 7 },
  { flags: ['--moving_average'], correct: 4 },
])('a graph that strip $flags has frozen is right for $correct', async ({ flags, correct }) => {
  const folder = await mkdtemp(join(dir, 'frozen-'));
  const output = '--output_node_names=softmax_linear/softmax_linear_2';
  const strip = await run(
    'strip',
    `--checkpoint_dir=${join(dir, 'run')}`,
    output,
    `--output_dir=${folder}`,
    ...flags,
  );
  expect(strip.code).toBe(0);
  const { code, stdout } = await run('eval', `--model=${join(folder, 'pruning_stripped.pb')}`, ...common());
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ weights: 'frozen', correct, count: 20 });
});
